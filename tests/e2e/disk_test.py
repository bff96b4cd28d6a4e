"""The disk of a built image, as others see it: partition table, EFI system partition and CD by the
tools of others; booted as a disk and as a CD, by a BIOS and by UEFI firmware."""

import os
import subprocess
import tarfile
import unittest

from unik import DEADLINE, Workspace

FIRMWARE = "/usr/share/qemu/OVMF.fd"
PROGRAM = """
#include <stdio.h>
int main(void) {
    puts("hello from the disk");
    return 0;
}
"""


def tool(*arguments):
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True,
                          timeout=DEADLINE)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


class Disk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("disk")
        cls.project = cls.workspace.path / "project"
        cls.project.mkdir()
        (cls.project / "main.c").write_text(PROGRAM)
        cls.unikfile("")
        cls.bundle = cls.workspace.build(cls.project)
        cls.raw, cls.iso = cls.workspace.path / "disk.raw", cls.workspace.path / "disk.iso"
        for path, name in ((cls.raw, "raw"), (cls.iso, "iso")):
            cls.convert(cls.bundle, name, path)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    @classmethod
    def unikfile(cls, more):
        (cls.project / "Unikfile").write_text(f"name: disk\nlanguage: c\n{more}")

    @classmethod
    def convert(cls, source, name, path):
        done = cls.workspace.unik("convert", source, "--to", name, "-o", path)
        assert done.returncode == 0, done.stdout + done.stderr

    def esp_of(self, disk):
        """The EFI system partition as a file of its own."""
        lines = tool("sgdisk", "-i", "2", disk).splitlines()
        first, last = (int(line.split()[2]) for line in lines
                       if line.startswith(("First sector", "Last sector")))
        path = self.workspace.path / "esp.img"
        tool("dd", f"if={disk}", f"of={path}", "bs=512", f"skip={first}",
             f"count={last - first + 1}", "conv=sparse")
        return path

    def test_the_partition_table_and_the_file_system_are_in_order(self):
        for disk in (self.raw, self.iso):
            self.assertIn("No problems found", tool("sgdisk", "-v", disk))
            esp = self.esp_of(disk)
            tool("fsck.fat", "-n", esp)
            copy = self.workspace.path / "copy.efi"
            tool("mcopy", "-o", "-n", "-i", esp, "::/EFI/BOOT/BOOTX64.EFI", copy)
            self.assertEqual(copy.read_bytes(), (self.bundle / "kernel.efi").read_bytes())

    def test_the_cd_is_in_order_and_becomes_the_disk_again(self):
        self.assertIn("(bootable)", tool("file", self.iso))
        listed = tool("xorriso", "-indev", self.iso, "-toc", "-report_el_torito", "plain")
        self.assertNotIn("WARNING", listed)
        self.assertIn("El Torito boot img :   1  BIOS  y", listed)
        self.assertIn("El Torito boot img :   2  UEFI  y", listed)
        back = self.workspace.path / "back.raw"
        self.convert(self.iso, "raw", back)
        self.assertEqual(back.read_bytes(), self.raw.read_bytes())

    def test_a_larger_disk_has_its_table_at_its_end(self):
        archive = self.workspace.path / "disk.tar.gz"
        self.convert(self.bundle, "gce", archive)
        with tarfile.open(archive) as members:
            members.extract("disk.raw", self.workspace.path / "gce")
        self.assertIn("No problems found", tool("sgdisk", "-v", self.workspace.path / "gce/disk.raw"))

    def test_the_partition_has_the_size_of_the_unikfile(self):
        self.unikfile("resources: {esp: 40M}\n")
        bundle = self.workspace.path / "large.unik"
        done = self.workspace.unik("build", "-o", bundle, self.project)
        self.assertEqual(done.returncode, 0, done.stderr)
        disk = self.workspace.path / "large.raw"
        self.convert(bundle, "raw", disk)
        self.assertIn("Partition size: 81920 sectors", tool("sgdisk", "-i", "2", disk))
        self.assertLess(os.stat(disk).st_blocks * 512, 1 << 20)
        tool("fsck.fat", "-n", self.esp_of(disk))

    def test_a_partition_that_is_too_small_is_refused(self):
        self.unikfile("resources: {esp: 1M}\n")
        refused = self.workspace.path / "small.unik"
        done = self.workspace.unik("build", "-o", refused, self.project)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"error: an EFI system partition of 1\.0 MiB is too small: the "
                                      r"kernel of .* needs one of at least 3\.0 MiB \[esp-size\]")
        self.assertIn("hint: ask for 3.0 MiB or more", done.stderr)
        self.assertFalse(refused.exists())

    def test_others_disks_become_no_cd(self):
        other = self.workspace.path / "other.raw"
        with open(other, "wb") as file:
            file.truncate(4 << 20)
        done = self.workspace.unik("convert", other, "--to", "iso", "-o",
                                   self.workspace.path / "other.iso")
        self.assertEqual(done.returncode, 1)
        self.assertIn("[broken-image]", done.stderr)
        self.assertFalse((self.workspace.path / "other.iso").exists())

    def boot(self, *arguments):
        done = subprocess.run(
            ["qemu-system-x86_64", "-accel", "tcg", "-m", "256M", "-nodefaults", "-display", "none",
             "-no-reboot", "-serial", "stdio", *map(str, arguments)],
            capture_output=True, text=True, errors="replace", timeout=DEADLINE)
        with self.subTest(arguments=[str(argument) for argument in arguments]):
            self.assertIn("hello from the disk", done.stdout)

    def boot_everywhere(self, *arguments):
        for path, media in ((self.raw, "disk"), (self.iso, "disk"), (self.iso, "cdrom")):
            self.boot(*arguments, "-drive", f"file={path},format=raw,media={media},snapshot=on")

    def test_disk_and_cd_boot_by_a_bios(self):
        self.boot_everywhere("-machine", "pc")
        self.boot_everywhere("-machine", "q35")

    def test_disk_and_cd_boot_by_uefi(self):
        self.boot_everywhere("-machine", "q35", "-bios", FIRMWARE)
        self.boot("-machine", "q35", "-bios", FIRMWARE, "-drive",
                  f"file={self.raw},format=raw,if=virtio,snapshot=on")


if __name__ == "__main__":
    unittest.main()
