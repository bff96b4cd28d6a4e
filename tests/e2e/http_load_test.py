"""200,000 requests by wrk leave no error and no memory behind. The load goes over a tap in a network
namespace of the test's own: QEMU's user network accepts one connection at a time, and under load a
client waits for minutes there."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

from unik import DEADLINE, SOURCE, Workspace

EXAMPLE = SOURCE / "manifests/examples/http-c"
HOST, GUEST, PREFIX, PORT = "192.0.2.1", "192.0.2.2", 24, 8080
REQUESTS = 200_000
INSIDE = "UNIK_LOAD_BUNDLE"


def status():
    with urllib.request.urlopen(f"http://{GUEST}:{PORT}/status", timeout=30) as reply:
        return json.loads(reply.read())


def start(folder):
    for command in ("link set lo up", "tuntap add load0 mode tap",
                    f"addr add {HOST}/{PREFIX} dev load0", "link set load0 up"):  # fmt: skip
        subprocess.run(["ip", *command.split()], check=True)
    configuration = f"{folder}.configuration"
    with open(configuration, "wb") as file:
        file.write(f"console=serial\0exit=debug\0ip4={GUEST}/{PREFIX}\0".encode())
    return subprocess.Popen(
        ["qemu-system-x86_64", "-machine", "microvm,acpi=off,rtc=on", "-accel", "tcg", "-cpu", "max",
         "-m", "64M", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
         "-global", "virtio-mmio.force-legacy=false", "-serial", "stdio",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
         "-kernel", f"{folder}/kernel.elf",
         "-fw_cfg", f"name=opt/org.unik/configuration,file={configuration}",
         "-netdev", "tap,id=net0,ifname=load0,script=no,downscript=no,vhost=off",
         "-device", "virtio-net-device,netdev=net0"],
        stdin=subprocess.DEVNULL, stdout=sys.stderr)  # fmt: skip


def wait_until_ready(machine):
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            return status()
        except (OSError, urllib.error.URLError):
            assert machine.poll() is None, f"QEMU ended with {machine.returncode}"
            assert time.monotonic() < deadline, "the guest did not answer"


def load():
    done = subprocess.run(["wrk", "-t", "1", "-c", "64", "--timeout", "20s", "-d", "3s",
                           f"http://{GUEST}:{PORT}/"], capture_output=True, text=True, timeout=90,
                          check=True)  # fmt: skip
    assert "Socket errors" not in done.stdout and "Non-2xx" not in done.stdout, done.stdout


def measure(folder):
    machine = start(folder)
    try:
        wait_until_ready(machine)
        load()  # warms up
        before = after = status()
        end = time.monotonic() + 4 * DEADLINE
        while after["requests"] < REQUESTS:
            assert time.monotonic() < end, f"too slow: {before}, {after}"
            load()
            after = status()
        assert after["free"] > before["free"] - 256 * 1024, (before, after)
        print(f"{after['requests']} requests, free memory {before['free']} -> {after['free']}")
    finally:
        machine.kill()
        machine.wait()


def main():
    if INSIDE in os.environ:
        return measure(os.environ[INSIDE])
    with Workspace("load") as workspace:
        bundle = workspace.build(EXAMPLE)
        # Its own processes, too: whatever ends this test ends its guest.
        rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        subprocess.run(["unshare", *rights, "--net", "--pid", "--fork", "--kill-child",
                        sys.executable, "-B", __file__], check=True,
                       env=dict(workspace.environment, **{INSIDE: str(bundle)}))  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
