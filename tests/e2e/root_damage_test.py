"""Roots that were changed: on a disk, every changed bit is found by the hash tree, wherever it lies;
where an image itself lies, embedded or with a hash tree made for the lie, reading it ends in errors."""

import hashlib
import json
import random
import struct
import subprocess
import unittest

from unik import SOURCE, Workspace

BLOCK = 4096
SUPERBLOCK = 1024
MAGIC = bytes.fromhex("e2e1f5e0")
PROGRAM = SOURCE / "tests/e2e/programs/root_files.c"
LONG = random.Random(7).randbytes(4 << 20)
NAMES = 2000


class Erofs:
    """As much of an image as it takes to change a folder (vocabulary/erofs_layout.hpp)."""

    def __init__(self, image):
        self.image = image
        self.root, = struct.unpack_from("<H", image, SUPERBLOCK + 14)
        self.inodes = struct.unpack_from("<I", image, SUPERBLOCK + 40)[0] * BLOCK

    def entries(self, node):
        """(place of the entry, name, node it leads to) of a folder that lies behind its inode."""
        place = self.inodes + node * 32
        layout, = struct.unpack_from("<H", self.image, place)
        size, = struct.unpack_from("<Q" if layout & 1 else "<I", self.image, place + 8)
        start = place + (64 if layout & 1 else 32)
        assert layout >> 1 == 2 and size < BLOCK, "not a small folder"
        count = struct.unpack_from("<H", self.image, start + 8)[0] // 12
        offsets = [struct.unpack_from("<H", self.image, start + i * 12 + 8)[0] for i in range(count)]
        for i, (first, end) in enumerate(zip(offsets, offsets[1:] + [size])):
            name = bytes(self.image[start + first:start + end]).rstrip(b"\0").decode()
            yield start + i * 12, name, struct.unpack_from("<Q", self.image, start + i * 12)[0]

    def find(self, path):
        """The place of the last name's entry, and its node."""
        place, node = None, self.root
        for name in path.split("/"):
            place, node = next((at, to) for at, entry, to in self.entries(node) if entry == name)
        return place, node

    def lead_to(self, path, target):
        place, _ = self.find(path)
        struct.pack_into("<Q", self.image, place, self.find(target)[1])


def hash_tree(image):
    """dm-verity's, without salt: the blocks from the top down, and the digest of the top one."""
    levels = []
    blocks = image
    while len(blocks) > BLOCK:
        digests = b"".join(hashlib.sha256(blocks[at:at + BLOCK]).digest()
                           for at in range(0, len(blocks), BLOCK))
        blocks = digests + bytes(-len(digests) % BLOCK)
        levels.insert(0, blocks)
    return b"".join(levels), hashlib.sha256(blocks).digest()


class Damage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("root-damage")
        cls.project = cls.workspace.path / "project"
        files = cls.project / "files"
        (files / "many").mkdir(parents=True)
        subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", cls.project / "asker",
                        PROGRAM], check=True, timeout=120)
        (files / "a" / "inner").mkdir(parents=True)
        (files / "a" / "inner" / "file").write_text("x" * 100)
        (files / "a" / "other").write_text("y")
        (files / "long").write_bytes(LONG)
        for number in range(NAMES):
            (files / "many" / f"a-name-as-long-as-this-{number:04}").touch()

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def build(self, root):
        (self.project / "Unikfile").write_text(
            "name: asker\nlanguage: binary\nbuild: {output: asker}\ntargets: ['qemu:raw']\n"
            f"root: {root}\nfiles: [{{from: files, to: /srv}}]\n")
        return self.workspace.build(self.project)

    def walk(self, bundle, folder):
        return self.workspace.unik("run", "--timeout", "100", bundle, "--", "walks", folder)

    def image_in(self, content):
        """Where the one EROFS image begins."""
        places = []
        at = content.find(MAGIC)
        while at >= 0:
            if content[at + 12] == 12 and content[at + 104:at + 128] == bytes(24):
                places.append(at - SUPERBLOCK)
            at = content.find(MAGIC, at + 1)
        self.assertEqual(len(places), 1, places)
        return places[0]

    def changed(self, path, place, size=1):
        """Flips a bit in each of `size` bytes, for as long as the returned function is not called."""
        with open(path, "r+b") as file:
            file.seek(place)
            before = file.read(size)
            file.seek(place)
            file.write(bytes(byte ^ 0x10 for byte in before))

        def restore():
            with open(path, "r+b") as file:
                file.seek(place)
                file.write(before)

        return restore

    def test_a_changed_bit_of_data_metadata_or_the_tree_is_found(self):
        bundle = self.build("disk")
        disk = bundle / "disk-qemu.raw"
        content = disk.read_bytes()
        size = json.loads((bundle / "image.json").read_text())["root"]["size"]
        start = self.image_in(content)
        tree = start + size
        good = self.walk(bundle, "/srv").stdout.splitlines()
        self.assertEqual(len(good), NAMES + 7)
        whole = next(line for line in good if line.startswith("/srv/long: "))
        long_block = (content.index(LONG[:BLOCK]) - start) // BLOCK
        middle = long_block + len(LONG) // BLOCK // 2
        names = content.index(b"a-name-as-long-as-this-1000", start)
        for what, place, broken in (
                ("data", start + middle * BLOCK + 5, "/srv/long"),
                ("tree", tree + BLOCK + middle * 32, "/srv/long"),
                ("names", names, "/srv/many")):
            with self.subTest(what):
                restore = self.changed(disk, place)
                try:
                    done = self.walk(bundle, "/srv")
                finally:
                    restore()
                self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
                self.assertIn("root-damaged", done.stderr)
                found = done.stdout.splitlines()
                wrong = [line for line in found if line not in good]
                self.assertTrue(wrong and all(line.startswith(broken) for line in wrong), wrong[:9])
                if broken == "/srv/long":
                    self.assertEqual(len(wrong), 1)
                    self.assertTrue(wrong[0].endswith(" EIO"), wrong)
                    self.assertLess(int(wrong[0].split()[1]), len(LONG))
                    self.assertNotIn(whole, found)

    def test_a_changed_superblock_or_top_of_the_tree_starts_nothing(self):
        bundle = self.build("disk")
        disk = bundle / "disk-qemu.raw"
        start = self.image_in(disk.read_bytes())
        size = json.loads((bundle / "image.json").read_text())["root"]["size"]
        for place in (start + SUPERBLOCK + 8, start + size):
            restore = self.changed(disk, place)
            try:
                done = self.walk(bundle, "/srv")
            finally:
                restore()
            self.assertEqual((done.returncode, done.stdout), (126, ""), done.stderr)
            self.assertIn("root-damaged", done.stderr)
            self.assertNotIn("panic", done.stderr)

    def check_loops(self, done):
        """Both folders lead to one above them."""
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
        self.assertEqual(done.stdout.splitlines(),
                         ["/srv/a: 4", "/srv/a/inner: EUCLEAN", "/srv/a/other: EUCLEAN"])

    def forge(self, image):
        forged = Erofs(image)
        forged.lead_to("srv/a/inner", "srv")
        forged.lead_to("srv/a/other", "srv/a")

    def test_folders_that_loop_in_an_embedded_root(self):
        bundle = self.build("embedded")
        kernel = bundle / "kernel.elf"
        content = bytearray(kernel.read_bytes())
        start = self.image_in(content)
        image = content[start:]
        self.forge(image)
        kernel.write_bytes(content[:start] + image)
        self.check_loops(self.walk(bundle, "/srv/a"))

    def test_folders_that_loop_on_a_disk_whose_tree_was_made_for_them(self):
        bundle = self.build("disk")
        record = json.loads((bundle / "image.json").read_text())["root"]
        disk, kernel = bundle / "disk-qemu.raw", bundle / "kernel.elf"
        content = disk.read_bytes()
        start = self.image_in(content)
        image = bytearray(content[start:start + record["size"]])
        tree, digest = hash_tree(image)
        self.assertEqual(digest.hex(), record["digest"])
        self.forge(image)
        tree, forged = hash_tree(image)
        with open(disk, "r+b") as file:
            file.seek(start)
            file.write(image + tree)
        code = kernel.read_bytes()
        self.assertEqual(code.count(digest), 1)
        kernel.write_bytes(code.replace(digest, forged))
        self.check_loops(self.walk(bundle, "/srv/a"))

    def test_random_damage_to_an_embedded_root_crashes_nothing(self):
        bundle = self.build("embedded")
        kernel = bundle / "kernel.elf"
        good = kernel.read_bytes()
        start = self.image_in(good)
        image = Erofs(good[start:])
        root = image.inodes + image.root * 32
        chance = random.Random(11)
        for _ in range(4):
            content = bytearray(good)
            for _ in range(300):  # in the inodes and small folders; without its root nothing starts
                place = SUPERBLOCK + 128 + chance.randrange(64 << 10)
                if not root <= place < root + 512:
                    content[start + place] = chance.randrange(256)
            kernel.write_bytes(content)
            done = self.walk(bundle, "/srv")
            self.assertIn(done.returncode, (0, 1), done.stdout[-2000:] + done.stderr)
            self.assertNotIn("panic", done.stderr)
            self.assertNotIn("fault", done.stderr)


if __name__ == "__main__":
    unittest.main()
