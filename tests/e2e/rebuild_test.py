"""A second build: what is the same is left alone, what is different is noticed."""

import os
import shutil
import unittest

from unik import SOURCE, Workspace

EXAMPLE = SOURCE / "manifests/examples/http-c"


class Rebuild(unittest.TestCase):
    def setUp(self):
        self.workspace = Workspace("rebuild")
        self.project = self.workspace.path / "project"
        shutil.copytree(EXAMPLE, self.project, ignore=shutil.ignore_patterns("*.unik"))
        self.bundle = self.workspace.path / "out.unik"
        self.assertBuilt()

    def tearDown(self):
        shutil.rmtree(self.workspace.path)

    def build(self, *arguments, **options):
        done = self.workspace.unik("build", "-o", self.bundle, *arguments, self.project, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def state(self):
        return {p.name: (p.stat().st_ino, p.stat().st_mtime_ns, p.read_bytes())
                for p in self.bundle.iterdir()}

    def assertUpToDate(self, *arguments, **options):
        before = self.state()
        done = self.build(*arguments, **options)
        self.assertIn("up to date", done.stderr)
        self.assertEqual(self.state(), before, "the bundle was touched")
        return done

    def assertBuilt(self, *arguments, **options):
        done = self.build(*arguments, **options)
        self.assertIn("built ", done.stderr)
        self.assertNotIn("up to date", done.stderr)
        self.assertEqual(self.workspace.unik("inspect", self.bundle).returncode, 0)
        return done

    def edit(self, name, old, new):
        path = self.project / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def test_nothing_changed(self):
        self.assertUpToDate()
        done = self.assertUpToDate()
        self.assertNotIn("compile", done.stderr, "nothing had to run")
        self.assertIn("because", self.assertUpToDate("--explain").stdout)

    def test_a_touched_file_is_no_change(self):
        self.assertUpToDate()
        os.utime(self.project / "main.c")
        self.assertUpToDate()

    def test_a_changed_source(self):
        before = (self.bundle / "kernel.elf").read_bytes()
        self.edit("http.c", "keep-alive", "keep-Alive")
        self.assertBuilt()
        self.assertNotEqual((self.bundle / "kernel.elf").read_bytes(), before)
        self.edit("http.c", "keep-Alive", "keep-alive")
        self.assertBuilt()
        self.assertEqual((self.bundle / "kernel.elf").read_bytes(), before)

    def test_a_change_keeps_what_a_fresh_build_would_make(self):
        self.edit("http.c", "keep-alive", "keep-Alive")
        self.assertBuilt()
        kept = {name: content for name, (_, _, content) in self.state().items()}
        self.assertBuilt("--no-cache")
        self.assertEqual(kept, {name: content for name, (_, _, content) in self.state().items()})

    def test_a_changed_header(self):
        self.assertUpToDate()
        header = self.project / "server.h"
        header.write_text(header.read_text() + "\n#error noticed\n")
        done = self.workspace.unik("build", "-o", self.bundle, self.project)
        self.assertEqual(done.returncode, 1)
        self.assertIn("noticed", done.stderr)

    def test_a_new_header_that_is_found_before_another(self):
        self.assertUpToDate()
        (self.project / "include").mkdir()
        (self.project / "include/stdio.h").write_text("#error noticed\n")
        done = self.workspace.unik("build", "-o", self.bundle, self.project)
        self.assertEqual(done.returncode, 1)
        self.assertIn("noticed", done.stderr)

    def test_a_changed_file_of_the_image(self):
        (self.project / "public/index.html").write_text("new\n")
        self.assertBuilt()
        (self.project / "public/more.html").write_text("more\n")
        self.assertBuilt()
        (self.project / ".unikignore").write_text("**/more.html\n")
        self.assertBuilt()
        self.assertUpToDate()

    def test_a_changed_unikfile(self):
        self.edit("Unikfile", "memory: 64M", "memory: 65M")
        self.assertBuilt()
        self.assertUpToDate()

    def test_a_changed_tool(self):
        tools = self.workspace.path / "bin"
        tools.mkdir()
        tool = tools / "musl-gcc"
        tool.write_text('#!/bin/sh\nexec /usr/bin/musl-gcc "$@"\n')
        tool.chmod(0o755)
        environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
        self.assertBuilt(environment=environment)
        self.assertUpToDate(environment=environment)
        tool.write_text('#!/bin/sh\nexec /usr/bin/musl-gcc -O0 "$@"\n')
        self.assertBuilt(environment=environment)

    def test_a_changed_variable(self):
        self.assertBuilt(environment={"CPPFLAGS": "-DNEW"})
        self.assertUpToDate(environment={"CPPFLAGS": "-DNEW"})

    def test_a_harmed_bundle_is_made_again(self):
        before = {name: content for name, (_, _, content) in self.state().items()}
        for name in before:
            with self.subTest(name):
                (self.bundle / name).unlink()
                if name == "image.json":  # without it the folder is no bundle of ours
                    shutil.rmtree(self.bundle)
                self.assertBuilt()
                content = bytearray((self.bundle / name).read_bytes())
                if name != "image.json":
                    content[-1] ^= 1
                else:
                    content += b" "
                (self.bundle / name).write_bytes(content)
                self.assertBuilt()
        self.assertEqual({name: content for name, (_, _, content) in self.state().items()}, before)

    def test_no_cache_builds(self):
        self.assertUpToDate()
        self.assertBuilt("--no-cache")

    def test_another_output_is_another_build(self):
        self.bundle = self.workspace.path / "second.unik"
        self.assertBuilt()
        self.assertUpToDate()

    def test_another_target_is_another_build(self):
        overlay = self.workspace.path / "overlay/targets"
        overlay.mkdir(parents=True)
        target = (SOURCE / "manifests/targets/qemu.yaml").read_text()
        (overlay / "other.yaml").write_text(target.replace("name: qemu", "name: other"))
        environment = {"UNIK_MANIFESTS": str(overlay.parent)}
        self.assertBuilt(environment=environment)
        self.assertBuilt("--target", "other", environment=environment)
        self.assertUpToDate("--target", "other", environment=environment)
        self.assertTrue(any(p.name.startswith("disk-other") for p in self.bundle.iterdir()))

    def test_a_project_that_builds_itself_runs_its_tools_and_no_more(self):
        self.edit("Unikfile", "language: c\n", "language: c\nbuild:\n"
                  "  command: $CC -O2 *.c -o server\n  output: server\n")
        self.assertBuilt()
        done = self.assertUpToDate()
        self.assertIn("compile", done.stderr)
        self.assertNotIn("link", done.stderr)
        self.edit("http.c", "keep-alive", "keep-Alive")
        self.assertBuilt()


if __name__ == "__main__":
    unittest.main()
