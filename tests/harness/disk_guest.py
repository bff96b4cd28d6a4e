"""A guest that does to its disks what its arguments say (tests/e2e/programs/disk.c), in a QEMU that
is driven by hand: any machine, any devices, and QMP while it runs."""

import json
import shutil
import socket
import subprocess
import threading

from unik import DEADLINE, SOURCE

PROGRAM = SOURCE / "tests/e2e/programs/disk.c"


def build(workspace, drivers):
    """The kernel of a bundle that holds the program and these drivers."""
    project = workspace.path / "disks"
    project.mkdir()
    shutil.copy2(PROGRAM, project / "main.c")
    components = ", ".join(["block-files", *drivers])
    (project / "Unikfile").write_text(
        f"name: disks\nlanguage: c\ncomponents: {{add: [{components}]}}\n")
    return workspace.build(project) / "kernel.elf"


def sums(data):
    """What the program's `sum` prints of these bytes. Runs of zeroes are cheap."""
    a, b = 1, 0
    for start in range(0, len(data), 4096):
        page = data[start:start + 4096]
        if any(page):
            for byte in page:
                a += byte
                b += a
        else:
            b += a * len(page)
    return f"{len(data)} bytes, {a:x} {b & (1 << 64) - 1:x}"


def pattern(size, seed):
    """What the program's `write` writes."""
    return bytes((i * 7 + seed) & 0xFF for i in range(size))


class DiskGuest:
    """QEMU with this machine and devices, running the program with these words."""

    def __init__(self, workspace, kernel, machine, devices, words, memory="64M"):
        configuration = workspace.path / "configuration"
        configuration.write_bytes(b"".join(f"arg={word}".encode() + b"\0" for word in words))
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [str(word) for word in [
                    "qemu-system-x86_64", "-name", workspace.path, "-accel", "tcg", "-cpu", "max",
                    "-machine", machine, "-m", memory, "-nodefaults", "-display", "none",
                    "-no-reboot", "-serial", "stdio", "-kernel", kernel, "-fw_cfg",
                    f"name=opt/org.unik/configuration,file={configuration}",
                    "-chardev", f"socket,id=qmp,fd={theirs.fileno()}",
                    "-mon", "chardev=qmp,mode=control", *devices]],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()])
        self.socket = ours
        self.control = ours.makefile("rw")
        self.output = ""
        self.killer = threading.Timer(DEADLINE, self.process.kill)
        self.killer.start()

    def __enter__(self):
        self.command("qmp_capabilities")
        return self

    def __exit__(self, kind, value, trace):
        self.killer.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.control.close()
        self.socket.close()
        if kind is not None:
            print(f"--- console\n{self.output}")

    def command(self, name, **arguments):
        """Runs a QMP command; fails when QEMU refuses it."""
        self.control.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.control.flush()
        while True:
            line = self.control.readline()
            assert line, f"QEMU ended instead of answering {name}:\n{self.rest()}"
            answer = json.loads(line)
            assert "error" not in answer, f"{name}: {answer}"
            if "return" in answer:
                return answer["return"]

    def read_until(self, text):
        while text not in self.output:
            line = self.process.stdout.readline()
            assert line, f"no {text!r} in the console:\n{self.output}"
            self.output += line.decode(errors="replace").replace("\r", "")

    def rest(self):
        """The console's whole text, once the machine has ended by itself."""
        self.output += self.process.stdout.read().decode(errors="replace").replace("\r", "")
        self.process.wait()
        return self.output


def run(workspace, kernel, machine, devices, *words):
    """The console's text of a guest that runs to its end."""
    with DiskGuest(workspace, kernel, machine, devices, words) as guest:
        output = guest.rest()
    assert guest.process.returncode == 0, f"QEMU ended with {guest.process.returncode}:\n{output}"
    return output
