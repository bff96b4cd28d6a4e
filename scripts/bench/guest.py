"""One guest under QEMU's software emulation: ours or Linux, the same machine for both."""

import mmap
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

ADDRESS = "192.0.2.2"
HOST_ADDRESS = "192.0.2.1"
PREFIX = 24
TAP = "bench0"
PORT = 8080
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Image:
    """What boots: a kernel and the arguments that belong to it."""

    def __init__(self, kernel, machine, network_device, arguments=(), files=()):
        self.kernel = Path(kernel)
        self.machine = machine
        self.network_device = network_device
        self.arguments = [str(a) for a in arguments]
        self.files = [Path(f) for f in (kernel, *files)]

    def shipped_bytes(self):
        return sum(file.stat().st_size for file in self.files)


class Guest:
    """A running guest. The console is a file; counted=True loads the counting plugin."""

    serial = 0

    def __init__(self, bench, image, memory, network=False, counted=False, line=""):
        Guest.serial += 1
        self.folder = bench.work / f"guest-{Guest.serial}"
        self.folder.mkdir()
        self.console = self.folder / "console"
        self.console.touch()
        counter = self.folder / "counter"
        counter.write_bytes(bytes(16))
        command = [
            "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", f"{memory}K",
            "-machine", image.machine, "-global", "virtio-mmio.force-legacy=false",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
            "-chardev", f"file,id=console,path={self.console}", "-serial", "chardev:console",
            "-kernel", str(image.kernel), *image.arguments,
        ]  # fmt: skip
        if network:
            command += ["-netdev", f"tap,id=net0,ifname={TAP},script=no,downscript=no,vhost=off",
                        "-device", f"{image.network_device},netdev=net0"]  # fmt: skip
        if counted:
            command += ["-plugin", f"{bench.plugin},counter={counter},console={self.console}"
                        + (f",line={line.replace(chr(44), chr(44) * 2)}" if line else "")]  # fmt: skip
        with open(counter, "r+b") as file:
            self.counter = mmap.mmap(file.fileno(), 16)
        with open(self.folder / "errors", "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors,
                                            stderr=errors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.counter.close()
        shutil.rmtree(self.folder)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()

    def running(self):
        return self.process.poll() is None

    def said(self, line):
        return line.encode() in self.console.read_bytes()

    def says(self, line, seconds):
        """Whether the line appears before the guest's end and the deadline."""
        return self.until(lambda: self.said(line), seconds)

    def until(self, holds, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ended = not self.running()
            if holds():
                return True
            if ended:
                return False
            time.sleep(0.01)
        return False

    def instructions(self):
        return struct.unpack_from("<Q", self.counter, 0)[0]

    def instructions_at_line(self):
        return struct.unpack_from("<Q", self.counter, 8)[0]

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def last_words(self):
        text = self.console.read_bytes() + (self.folder / "errors").read_bytes()
        return text[-1500:].decode(errors="replace")
