"""Loaders that nobody here wrote take the kernel: QEMU's Linux loader on two firmwares, GRUB by
Multiboot2 and by Linux's 32-bit protocol, iPXE over TFTP, and kexec by the 32-bit protocol (with
kernel.efi) and by the 64-bit one (with the same image as an ELF file)."""

import re
import shutil
import struct
import subprocess
import sys

from unik import DEADLINE, Workspace

PROGRAM = r"""
#include <stdio.h>
int main(int count, char** words) {
    printf("entered with");
    for (int i = 1; i < count; i++)
        printf(" [%s]", words[i]);
    printf("\n");
    return 7;
}
"""
UNIKFILE = """
name: doors
language: c
components: {add: [boot-linux, boot-multiboot2]}
"""
WORDS = 'unik.arg=one unik.arg="and two" unik.exit=debug'
LINE = "entered with [one] [and two]"
STATUS = 7 << 1 | 1  # isa-debug-exit


def boot(name, *arguments, memory="512M"):
    done = subprocess.run(
        ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
         "-accel", "tcg", "-cpu", "max", "-m", memory, "-serial", "stdio",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=4", *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        timeout=DEADLINE)  # fmt: skip
    assert LINE in done.stdout and done.returncode == STATUS, (
        f"{name}: expected '{LINE}' and status {STATUS}, found {done.returncode}:\n"
        f"{done.stdout}\n{done.stderr}"
    )
    print(f"{name}: ok")


def boot_from_grub(workspace, name, command):
    tree = workspace.path / f"grub-{name}"
    (tree / "boot/grub").mkdir(parents=True)
    for file in ("kernel.elf", "kernel.efi"):
        shutil.copy(workspace.path / "image.unik" / file, tree)
    (tree / "boot/grub/grub.cfg").write_text(f"{command} {WORDS}\nboot\n")
    image = workspace.path / f"{name}.iso"
    subprocess.run(["grub-mkrescue", "-o", image, tree], check=True, capture_output=True)
    boot(f"GRUB, {name}", "-machine", "pc", "-cdrom", image)


def boot_from_ipxe(workspace):
    tree = workspace.path / "tftp"
    tree.mkdir()
    shutil.copy(workspace.path / "image.unik/kernel.efi", tree)
    (tree / "boot.ipxe").write_text(f"#!ipxe\nkernel kernel.efi {WORDS}\nboot\n")
    boot("iPXE", "-machine", "pc", "-netdev", f"user,id=net0,tftp={tree},bootfile=boot.ipxe",
         "-device", "e1000,netdev=net0", "-boot", "n")  # fmt: skip


def debian_package(workspace, name):
    """Fetched and unpacked, not installed: kexec-tools would take part in the host's reboots."""
    folder = workspace.path / f"package-{name}"
    folder.mkdir()
    subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", name],
                   cwd=folder, check=True)  # fmt: skip
    subprocess.run(["dpkg-deb", "-x", next(folder.glob("*.deb")), folder], check=True)
    return folder


def copy_with_libraries(program, tree):
    target = tree / "sbin" / program.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(program, target)
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"(/\S+)", listed):
        place = tree / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)


def fetch_linux(workspace):
    """Debian's kernel and the folder of its kexec-tools."""
    depends = subprocess.run(["apt-cache", "depends", "linux-image-cloud-amd64"],
                             capture_output=True, text=True, check=True).stdout  # fmt: skip
    kernel = next(debian_package(workspace, re.search(r"Depends: (linux-image-\S+)", depends)[1])
                  .glob("boot/vmlinuz-*"))  # fmt: skip
    return kernel, debian_package(workspace, "kexec-tools")


def write_elf(kernel_file, path):
    """The image of kernel.efi as one segment: kexec wants segments to begin on pages, and kernel.elf
    saves the bytes before them. Without the Multiboot2 header, for which kexec enters in 32-bit mode
    where the ELF header says, not the Multiboot2 one."""
    data = kernel_file.read_bytes().replace(struct.pack("<I", 0xE85250D6), bytes(4))
    load, offset, size, memory = struct.unpack_from("<8xQIII", data, 0x280)
    headers, page = 64 + 56, 4096
    path.write_bytes(
        struct.pack("<4sBBBx8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 2, 62, 1, load + 0x200, 64, 0, 0,
                    64, 56, 1, 64, 0, 0)
        + struct.pack("<IIQQQQQQ", 1, 7, page, load, load, size, memory, page)
        + bytes(page - headers) + data[offset:offset + size])  # fmt: skip


def boot_by_kexec(workspace, kernel, tools, file, *options):
    tree = workspace.path / f"initramfs-{file.name}"
    copy_with_libraries(tools / "sbin/kexec", tree)
    shutil.copy(file, tree)
    shutil.copy("/bin/busybox", tree / "sbin/busybox")
    (tree / "init").write_text(
        "#!/sbin/busybox sh\n"
        "/sbin/busybox mkdir -p /proc /sys\n"
        "/sbin/busybox mount -t proc proc /proc\n"
        "/sbin/busybox mount -t sysfs sys /sys\n"
        f"/sbin/kexec --kexec-syscall {' '.join(options)} -l /{file.name} --append='{WORDS}' &&\n"
        "/sbin/kexec -e\n"
        "echo kexec failed\n"
        "/sbin/busybox poweroff -f\n"
    )
    (tree / "init").chmod(0o755)
    names = "\n".join(str(p.relative_to(tree)) for p in sorted(tree.rglob("*")))
    archive = workspace.path / f"{tree.name}.cpio"
    with open(archive, "wb") as out:
        subprocess.run(["/bin/busybox", "cpio", "-o", "-H", "newc", "-R", "0:0"], cwd=tree,
                       input=names.encode(), stdout=out, check=True,
                       stderr=subprocess.DEVNULL)  # fmt: skip
    boot(f"kexec, {file.name}", "-machine", "pc", "-kernel", kernel, "-initrd", archive,
         "-append", "console=ttyS0 quiet panic=-1")  # fmt: skip


def main():
    with Workspace("doors") as workspace:
        project = workspace.path / "project"
        project.mkdir()
        (project / "main.c").write_text(PROGRAM)
        (project / "Unikfile").write_text(UNIKFILE)
        bundle = workspace.build(project)
        file = bundle / "kernel.efi"
        kind = subprocess.run(["file", "-b", file], capture_output=True, text=True).stdout
        assert "Linux kernel x86 boot executable" in kind or "PE32+" in kind, kind
        boot("QEMU's Linux loader, SeaBIOS", "-machine", "pc", "-kernel", file, "-append", WORDS)
        boot("QEMU's Linux loader, qboot", "-machine", "microvm,acpi=off,rtc=on",
             "-kernel", file, "-append", WORDS)  # fmt: skip
        boot_from_grub(workspace, "multiboot2", "multiboot2 /kernel.elf")
        boot_from_grub(workspace, "linux", "linux /kernel.efi")
        boot_from_ipxe(workspace)
        kernel, tools = fetch_linux(workspace)
        flat = workspace.path / "flat.elf"
        write_elf(file, flat)
        boot_by_kexec(workspace, kernel, tools, file)
        boot_by_kexec(workspace, kernel, tools, flat, "--args-linux")


if __name__ == "__main__":
    sys.exit(main())
