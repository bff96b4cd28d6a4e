"""A root file system on the disk: found, read and checked by the guest, whatever started it."""

import random
import shutil
import unittest

from unik import Workspace

PROGRAM = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_file(const char *path) {
    static unsigned char bytes[65536];
    unsigned long size = 0, sum = 0;
    long got;
    int file = open(path, O_RDONLY);
    if (file < 0) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    while ((got = read(file, bytes, sizeof bytes)) > 0)
        for (long i = 0; i < got; ++i)
            sum = (sum * 31 + bytes[i]) & 0xffffffff, ++size;
    printf("%s: %lu %lu%s\n", path, size, sum, got < 0 && errno == EIO ? " EIO" : "");
    close(file);
}

int main(int count, char **paths) {
    for (int i = 1; i < count; ++i)
        read_file(paths[i]);
    return 0;
}
"""
SHORT = b"a few bytes, behind the inode"
LONG = random.Random(4).randbytes(400_000)
# By the machine of each run: how it starts, and what the disk hangs on.
RUNS = (
    ("qemu", "kernel", "microvm", "virtio-blk"),
    ("qemu", "kernel", "q35", "virtio-scsi"),
    ("qemu", "bios", "pc", "virtio-blk"),
    ("virtualbox", "bios", "q35", "ahci"),
    ("virtualbox", "uefi", "pc", "ide"),
)


def line_for(path, content):
    total = 0
    for byte in content:
        total = (total * 31 + byte) & 0xFFFFFFFF
    return f"{path}: {len(content)} {total}"


class RootDisk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("root-disk")
        project = cls.workspace.path / "project"
        (project / "files").mkdir(parents=True)
        (project / "main.c").write_text(PROGRAM)
        (project / "files" / "short").write_bytes(SHORT)
        (project / "files" / "long").write_bytes(LONG)
        (project / "Unikfile").write_text(
            "name: reader\nlanguage: c\nroot: disk\n"
            "args: [/srv/short, /srv/long, /srv/absent]\n"
            "files: [{from: files, to: /srv}]\n"
            "targets: ['qemu:raw', virtualbox]\n")
        cls.bundle = cls.workspace.build(project)
        cls.expected = [line_for("/srv/short", SHORT), line_for("/srv/long", LONG),
                        "/srv/absent: No such file or directory"]

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def run_guest(self, bundle, *arguments):
        return self.workspace.unik("run", "-q", "--timeout", "60", *arguments, bundle)

    def test_every_machine_finds_its_root(self):
        for target, boot, machine, disk in RUNS:
            with self.subTest(target=target, boot=boot, machine=machine, disk=disk):
                done = self.run_guest(self.bundle, "--target", target, "--boot", boot,
                                      "--machine", machine, "--disk-controller", disk)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(done.stdout.splitlines(), self.expected, done.stderr)

    def test_a_changed_bit_is_an_error_and_never_wrong_data(self):
        image = self.bundle / "disk-qemu.raw"
        good = image.read_bytes()
        place = good.index(LONG[200_000:204_000])
        with open(image, "r+b") as disk:
            disk.seek(place)
            disk.write(bytes([good[place] ^ 1]))
        try:
            done = self.workspace.unik("run", "--timeout", "60", "--target", "qemu", self.bundle)
        finally:
            with open(image, "r+b") as disk:
                disk.seek(place)
                disk.write(good[place:place + 1])
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], self.expected[0])
        self.assertTrue(lines[1].endswith(" EIO"), done.stdout)
        self.assertIn(int(lines[1].split()[1]), range(100_000, 204_000))
        self.assertIn("root-damaged", done.stderr)

    def test_the_disk_of_another_build_is_not_taken(self):
        """It has another root, which the kernel does not vouch for."""
        other = self.workspace.path / "other"
        shutil.copytree(self.workspace.path / "project", other)
        (other / "files" / "short").write_bytes(SHORT.upper())
        bundle = self.workspace.path / "other.unik"
        done = self.workspace.unik("build", "-o", bundle, other)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        shutil.copy(self.bundle / "disk-qemu.raw", bundle)
        done = self.run_guest(bundle, "--target", "qemu")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        self.assertIn("root", done.stderr)


if __name__ == "__main__":
    unittest.main()
