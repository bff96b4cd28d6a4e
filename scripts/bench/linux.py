"""The comparison: the same executable on Debian's cloud kernel, from an initramfs.

hello is /init itself. The server needs a network: busybox loads the virtio modules, sets the address
and executes the server."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from guest import ADDRESS, PORT, PREFIX, Image

META = "linux-image-cloud-amd64"
# In the order in which they need one another.
MODULES = ("virtio/virtio_ring", "virtio/virtio", "virtio/virtio_pci_modern_dev",
           "virtio/virtio_pci_legacy_dev", "virtio/virtio_pci", "../net/core/failover",
           "net/net_failover", "net/virtio_net")  # fmt: skip
# Under software emulation this kernel finds no clock on a microvm without the old timer, and has no
# virtio over MMIO there without ACPI: hello boots on microvm, the server needs q35's PCI.
HELLO_MACHINE = "microvm,acpi=off,rtc=on,isa-serial=on,pit=on,pic=on"
SERVER_MACHINE = "q35"
COMMAND_LINE = "console=ttyS0 quiet panic=-1"
INIT = f"""#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
for module in {' '.join(Path(m).name for m in MODULES)}; do
    /bin/busybox insmod /lib/$module.ko || exit 1
done
/bin/busybox ip link set lo up
/bin/busybox ip addr add {ADDRESS}/{PREFIX} dev eth0
/bin/busybox ip link set eth0 up
exec /server {PORT} /srv/www
"""


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "unik" / "bench"


def fetch_kernel():
    """Debian's kernel package unpacked in the cache; returns the folder. Needs the network once."""
    depends = subprocess.run(["apt-cache", "depends", META], capture_output=True, text=True,
                             check=True).stdout
    found = re.search(r"Depends: (linux-image-\S+)", depends)
    if found is None:
        raise SystemExit(f"scripts/bench/run: apt knows no {META}; run apt-get update")
    package = found.group(1)
    folder = cache_folder() / package
    if folder.is_dir():
        return folder
    partial = folder.with_suffix(f".{os.getpid()}")
    partial.mkdir(parents=True)
    try:
        subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package],
                       cwd=partial, check=True)
        archive = next(partial.glob("*.deb"))
        subprocess.run(["dpkg-deb", "-x", archive, partial], check=True)
        archive.unlink()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def pack(tree, archive):
    names = sorted(p.relative_to(tree) for p in tree.rglob("*"))
    with open(archive, "wb") as out:
        cpio = subprocess.Popen(["busybox", "cpio", "-o", "-H", "newc", "-R", "0:0"], cwd=tree,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
        gzip = subprocess.Popen(["gzip", "-9n"], stdin=cpio.stdout, stdout=out)
        cpio.stdout.close()
        cpio.communicate("\n".join(map(str, names)).encode())
        if cpio.returncode or gzip.wait():
            raise SystemExit(f"scripts/bench/run: cannot pack {archive}")


def image(kernel_folder, tree, machine):
    kernel = next(kernel_folder.glob("boot/vmlinuz-*"))
    archive = tree.with_suffix(".cpio.gz")
    pack(tree, archive)
    return Image(kernel, machine, "virtio-net-pci,romfile=",
                 ["-initrd", archive, "-append", COMMAND_LINE], [archive])  # fmt: skip


def stripped(executable, place):
    place.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["strip", "-o", place, executable], check=True)
    place.chmod(0o755)


def program_image(bench, executable, name):
    """A program that needs neither network nor files is /init itself."""
    tree = bench.work / f"linux-{name}"
    stripped(executable, tree / "init")
    return image(bench.kernel_folder, tree, HELLO_MACHINE)


def server_image(bench, executable, pages):
    tree = bench.work / "linux-server"
    stripped(executable, tree / "server")
    shutil.copytree(pages, tree / "srv/www")
    for folder in ("bin", "lib", "proc"):
        (tree / folder).mkdir()
    shutil.copy2(shutil.which("busybox"), tree / "bin/busybox")
    (tree / "init").write_text(INIT)
    (tree / "init").chmod(0o755)
    drivers = next(bench.kernel_folder.glob("lib/modules/*/kernel")) / "drivers"
    for module in MODULES:
        shutil.copy2(drivers / f"{module}.ko", tree / "lib")
    return image(bench.kernel_folder, tree, SERVER_MACHINE)
