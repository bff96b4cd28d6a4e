"""The root file system on the disk, as others see it: the partition table by sgdisk, the hash tree by
veritysetup, the files by fsck.erofs and by Linux's own mount."""

import json
import os
import subprocess
import unittest
from pathlib import Path

from unik import DEADLINE, Workspace

BLOCK = 4096
PROGRAM = "int main(void) { return 0; }\n"


def run(*arguments):
    return subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True,
                          timeout=DEADLINE)


def tool(*arguments):
    done = run(*arguments)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def contents(folder):
    """Each file by its path: its mode, and its bytes or where it leads."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            what = os.readlink(path)
        else:
            what = path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (path.lstat().st_mode, what)
    return found


class RootPartition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("root-partition")
        cls.project = cls.workspace.path / "project"
        files = cls.project / "files"
        (files / "deep" / "er").mkdir(parents=True)
        (cls.project / "main.c").write_text(PROGRAM)
        (files / "short").write_text("a few bytes\n")
        (files / "long").write_bytes(bytes(range(256)) * 9000)
        (files / "deep" / "er" / "script").write_text("#!/bin/sh\n")
        (files / "deep" / "er" / "script").chmod(0o755)
        (files / "deep" / "link").symlink_to("er/script")
        cls.unikfile("root: disk")
        cls.bundle = cls.workspace.build(cls.project)
        cls.record = json.loads((cls.bundle / "image.json").read_text())["root"]
        cls.raw = cls.workspace.path / "disk.raw"
        cls.convert(cls.bundle, "raw", cls.raw)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    @classmethod
    def unikfile(cls, root):
        (cls.project / "Unikfile").write_text(
            f"name: rooted\nlanguage: c\n{root}\nfiles: [{{from: files, to: /srv}}]\n")

    @classmethod
    def convert(cls, source, name, path):
        done = cls.workspace.unik("convert", source, "--to", name, "-o", path)
        assert done.returncode == 0, done.stdout + done.stderr

    def partition(self, disk):
        """The root partition as a file of its own."""
        facts = dict(line.split(": ", 1) for line in tool("sgdisk", "-i", "3", disk).splitlines()
                     if ": " in line)
        self.assertTrue(facts["Partition GUID code"].startswith(
            "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"), facts)
        guid = bytes.fromhex(facts["Partition unique GUID"].replace("-", ""))
        stored = guid[3::-1] + guid[5:3:-1] + guid[7:5:-1] + guid[8:]
        self.assertEqual(stored.hex(), self.record["digest"][:32])
        first, last = (int(facts[name].split()[0]) for name in ("First sector", "Last sector"))
        path = self.workspace.path / "partition"
        with open(disk, "rb") as whole:
            whole.seek(first * 512)
            path.write_bytes(whole.read((last - first + 1) * 512))
        return path

    def verify(self, partition):
        size = self.record["size"]
        return run("veritysetup", "verify", partition, partition, self.record["digest"],
                   "--no-superblock", "--format=1", "--hash=sha256", "--salt=-",
                   f"--data-block-size={BLOCK}", f"--hash-block-size={BLOCK}",
                   f"--data-blocks={size // BLOCK}", f"--hash-offset={size}").returncode

    def check_files(self, folder):
        found = contents(folder)
        for path, entry in contents(self.project / "files").items():
            self.assertEqual(found[f"srv/{path}"], entry, path)

    def test_the_partition_table_is_in_order_in_every_container(self):
        expected = self.partition(self.raw).read_bytes()
        for name, suffix in (("qcow2", "qcow2"), ("vmdk", "vmdk"), ("vhdx", "vhdx"), ("iso", "iso")):
            with self.subTest(name):
                packed = self.workspace.path / f"disk.{suffix}"
                self.convert(self.bundle, name, packed)
                unpacked = self.workspace.path / "unpacked.raw"
                self.convert(packed, "raw", unpacked)
                self.assertIn("No problems found", tool("sgdisk", "-v", unpacked))
                self.assertEqual(self.partition(unpacked).read_bytes(), expected)

    def test_the_hash_tree_verifies_and_finds_a_changed_bit(self):
        partition = self.partition(self.raw)
        self.assertEqual(self.verify(partition), 0)
        damaged = bytearray(partition.read_bytes())
        damaged[self.record["size"] // 2] ^= 1
        partition.write_bytes(damaged)
        self.assertNotEqual(self.verify(partition), 0)

    def test_others_read_the_files(self):
        partition = self.partition(self.raw)
        folder = self.workspace.path / "extracted"
        folder.mkdir()
        tool("fsck.erofs", f"--extract={folder}", "--preserve", "--overwrite", partition)
        self.check_files(folder)

    def test_linux_mounts_the_partition(self):
        partition = self.partition(self.raw)
        folder = self.workspace.path / "mounted"
        folder.mkdir()
        mounted = run("mount", "-t", "erofs", "-o", "loop,ro", partition, folder)
        if mounted.returncode != 0:
            self.assert_machine_cannot_mount(folder)
            print("this machine cannot mount EROFS images; fsck.erofs alone has read it")
            return
        try:
            self.check_files(folder)
        finally:
            tool("umount", folder)

    def assert_machine_cannot_mount(self, folder):
        """It does not mount what mkfs.erofs makes either."""
        reference = self.workspace.path / "reference"
        tool("mkfs.erofs", reference, self.project / "files")
        self.assertNotEqual(run("mount", "-t", "erofs", "-o", "loop,ro", reference,
                                folder).returncode, 0)

    def test_inspect_shows_where_the_root_lies_and_why(self):
        done = self.workspace.unik("inspect", self.bundle)
        self.assertIn("'root: disk' in the Unikfile", done.stdout)
        self.assertIn(self.record["digest"], done.stdout)

    def test_two_builds_give_the_same_disk(self):
        other = self.workspace.path / "other.unik"
        done = self.workspace.unik("build", self.project, "--no-cache", "-o", other)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        name = Path("disk-qemu.qcow2")
        self.assertEqual((other / name).read_bytes(), (self.bundle / name).read_bytes())


if __name__ == "__main__":
    unittest.main()
