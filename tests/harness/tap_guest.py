"""A guest on a tap, in a network namespace of the test's own. QEMU's user network accepts one
connection at a time, and a client under load waits for minutes there.

    if __name__ == "__main__":
        tap_guest.inside(main)      # starts this file again in the namespace, as main()'s caller

There, TapGuest(bundle) starts the image's kernel; the guest has the address GUEST."""

import os
import subprocess
import sys
from pathlib import Path

HOST, GUEST, PREFIX = "192.0.2.1", "192.0.2.2", 24
INSIDE = "UNIK_INSIDE_NAMESPACE"


def inside(main):
    """Runs main() in namespaces of its own for network and processes: whatever ends this test ends
    its guest."""
    if INSIDE in os.environ:
        for command in ("link set lo up", "tuntap add load0 mode tap",
                        f"addr add {HOST}/{PREFIX} dev load0", "link set load0 up"):  # fmt: skip
            subprocess.run(["ip", *command.split()], check=True)
        return main()
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(["unshare", *rights, "--net", "--pid", "--fork", "--kill-child",
                           "--mount-proc", sys.executable, "-B", *sys.argv],
                          env=dict(os.environ, **{INSIDE: "yes"}))  # fmt: skip
    return sys.exit(done.returncode)


class TapGuest:
    def __init__(self, bundle, memory="128M", settings=(), disk=None, console=sys.stderr,
                 arguments=()):  # fmt: skip
        """`settings`: further lines of the configuration; `console`: where the guest's goes;
        `arguments`: QEMU's further ones."""
        bundle = Path(bundle)
        configuration = Path(f"{bundle}.configuration")
        texts = ["console=serial", "exit=debug", f"ip4={GUEST}/{PREFIX},{HOST},{HOST}", *settings]
        configuration.write_bytes("".join(f"{text}\0" for text in texts).encode())
        drive = [] if disk is None else [
            "-drive", f"file={disk},format=qcow2,if=none,id=root,readonly=on",
            "-device", "virtio-blk-device,drive=root"]  # fmt: skip
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-machine", "microvm,acpi=off,rtc=on", "-accel", "tcg", "-cpu",
             "max", "-m", memory, "-nodefaults", "-no-user-config", "-display", "none",
             "-no-reboot", "-global", "virtio-mmio.force-legacy=false", "-serial", "stdio",
             "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel", bundle / "kernel.elf",
             "-fw_cfg", f"name=opt/org.unik/configuration,file={configuration}",
             "-netdev", "tap,id=net0,ifname=load0,script=no,downscript=no,vhost=off",
             "-device", "virtio-net-device,netdev=net0", *drive, *arguments],
            stdin=subprocess.DEVNULL, stdout=console)  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def running(self):
        return self.process.poll() is None
