"""The kernel runs wherever a loader in long mode puts it, with page tables of four and of five
levels: at 1 MiB, between two large pages, across a border of 1 GiB, and above it."""

import shutil
import struct
import subprocess
import unittest

from unik import DEADLINE, SOURCE, Workspace

PROGRAM = r"""
#include <stdio.h>
#include <string.h>
__asm__(".data\n .globl filled\n filled:\n .fill 3 << 20, 1, 0x55\n .text\n");
extern unsigned char filled[];
int main(int count, char** words) {
    for (int i = 0; i < 3 << 20; ++i)
        if (filled[i] != 0x55)
            return 1;
    printf("still %s\n", count > 1 ? words[1] : "nothing");
    fflush(stdout);
    if (count > 1 && strcmp(words[1], "going") != 0)
        *(volatile char*)(size_t)main = 1;
    return 7;
}
"""
STATUS = 7 << 1 | 1  # isa-debug-exit
LOADER = 0x200000
MEMORY = 2 << 30


class Placement(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("placement")
        project = cls.workspace.path / "project"
        project.mkdir()
        (project / "main.c").write_text(PROGRAM)
        (project / "Unikfile").write_text(
            "name: anywhere\nlanguage: c\ncomponents: {add: [boot-linux]}\n")
        cls.kernel = cls.workspace.build(project) / "kernel.efi"

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def loader(self, place, levels, word):
        """An ELF file that holds the loader and, at its place, the image."""
        folder = self.workspace.path / "loader"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "command-line").write_text(f"unik.arg={word} unik.exit=debug")
        (skip,) = struct.unpack_from("<I", self.kernel.read_bytes(), 0x290)
        subprocess.run(
            ["gcc", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,-z,norelro",
             "-Wl,-N,--no-warn-rwx-segments", f"-Wl,-Ttext={LOADER:#x}", f"-Wl,--section-start=.image={place:#x}",
             "-Wl,-e,start", f"-Wa,--defsym,PLACE={place:#x}", f"-Wa,--defsym,LEVELS={levels}",
             f"-Wa,--defsym,SKIP={skip}", f"-Wa,--defsym,MEMORY={MEMORY:#x}",
             f'-DIMAGE="{self.kernel}"', "-o", "loader.elf",
             SOURCE / "tests/e2e/programs/loader.S"], cwd=folder, check=True)  # fmt: skip
        return folder / "loader.elf"

    def boot(self, place, levels, word="going"):
        done = subprocess.run(
            ["qemu-system-x86_64", "-name", self.workspace.path, "-nodefaults", "-no-user-config",
             "-display", "none", "-no-reboot", "-accel", "tcg", "-cpu", "max", "-machine", "pc",
             "-m", str(MEMORY >> 20), "-serial", "stdio",
             "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
             "-kernel", self.loader(place, levels, word)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=DEADLINE)  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def test_the_program_runs_wherever_the_kernel_is(self):
        for levels in (4, 5):
            for place in (0x1000000, 0x5003000, (1 << 30) - 0x101000, 0x61fff000):
                with self.subTest(levels=levels, place=hex(place)):
                    status, output = self.boot(place, levels)
                    self.assertIn("still going\n", output)
                    self.assertEqual(status, STATUS, output)

    def test_text_is_protected_wherever_the_kernel_is(self):
        for place in (0x5003000, 0x61fff000):
            with self.subTest(place=hex(place)):
                status, output = self.boot(place, 4, "writing")
                self.assertIn("still writing\n", output)
                self.assertIn("SIGSEGV", output)
                self.assertNotEqual(status, STATUS)


if __name__ == "__main__":
    unittest.main()
