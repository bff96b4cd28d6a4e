"""The root file system as programs see it: the same program asks it in guests, embedded and on a disk,
and Linux's own mount of the same image."""

import os
import subprocess
import unittest

from unik import SOURCE, Workspace

PROGRAM = SOURCE / "tests/e2e/programs/root_files.c"
MANY = 100_000
SMALL = 1 << 20


def run(*arguments):
    return subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True,
                          timeout=120)


def tool(*arguments):
    done = run(*arguments)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


class RootFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("root-files")
        cls.project = cls.workspace.path / "project"
        cls.project.mkdir()
        cls.program = cls.project / "asker"
        tool("gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", cls.program, PROGRAM)
        files = cls.project / "files"
        for folder in ("folder", "empty"):
            (files / folder).mkdir(parents=True)
        (files / "file").write_text("hello\n")
        (files / "folder" / "inner").write_text("x")
        (files / "long").write_bytes(os.urandom(300_001))
        os.link(files / "long", files / "second-name")
        (files / "link").symlink_to("file")
        (files / "dangling").symlink_to("new")

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def build(self, root):
        (self.project / "Unikfile").write_text(
            "name: asker\nlanguage: binary\nbuild: {output: asker}\n"
            f"root: {root}\nfiles: [{{from: files, to: /srv}}]\ntmpfs: {{/small: {SMALL >> 20}M}}\n")
        return self.workspace.build(self.project)

    def ask(self, bundle, *questions):
        done = self.workspace.unik("run", "-q", "--timeout", "100", bundle, "--", *questions)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def ask_linux(self, questions):
        """On the mounted image of mkfs.erofs; None where this machine cannot mount one."""
        image, mounted = self.workspace.path / "image", self.workspace.path / "mounted"
        mounted.mkdir()
        tool("mkfs.erofs", "--all-root", image, self.project / "files")
        if run("mount", "-t", "erofs", "-o", "loop,ro", image, mounted).returncode != 0:
            print("this machine cannot mount EROFS images; the guests are compared with each other")
            return None
        try:
            return tool(self.program, *(word.replace("/srv", str(mounted)) for word in questions))
        finally:
            tool("umount", mounted)

    def test_what_cannot_be_written_says_so_as_linux_does(self):
        questions = ["changes", "/srv", "maps", "/srv/long"]
        expected = self.ask_linux(questions)
        for root in ("embedded", "disk"):
            with self.subTest(root):
                found = self.ask(self.build(root), *questions)
                self.assertGreater(len(found.splitlines()), 250)
                expected = expected or found
                self.assertEqual(found, expected)

    def test_a_file_system_in_memory_ends_at_its_size(self):
        lines = self.ask(self.build("embedded"), "fills", "/small").splitlines()
        self.assertEqual(lines, ["blocks 256 of 4096", f"wrote {SMALL}, then ENOSPC", "left 0",
                                 "unlink: done", "left 256"])

    def test_a_folder_with_100_000_names_is_listed_in_full(self):
        names = [f"name-{number:06}" for number in range(MANY)]
        folder = self.project / "files" / "many"
        folder.mkdir()
        for name in names:
            os.close(os.open(folder / name, os.O_CREAT | os.O_WRONLY))
        try:
            bundle = self.build("disk")
        finally:
            tool("rm", "-r", folder)
        total = sum(sum(name.encode()) for name in names) + 3 * ord(".")
        last = f"/srv/many/{names[-1]}"
        self.assertEqual(self.ask(bundle, "lists", "/srv/many", "walks", last, "walks", last + "0"),
                         f"{MANY + 2} names, {total}\n{last}: 0 0 read\n{last}0: ENOENT\n")


if __name__ == "__main__":
    unittest.main()
