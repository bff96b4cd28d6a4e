"""`cmake --install` puts everything where Debian expects it, and the installed command needs nothing
beside it."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from unik import UNIK, Workspace

BUILD = Path(UNIK).resolve().parents[1]
SHARE = "share/bash-completion/completions/unik", "share/zsh/vendor-completions/_unik", \
    "share/fish/vendor_completions.d/unik.fish"


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("install")
        root = cls.workspace.path / "root"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr"], check=True,
                       env=dict(os.environ, DESTDIR=str(root)), capture_output=True)
        cls.usr = root / "usr"

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def installed(self, *arguments, **options):
        """Runs the installed command with an environment that names nothing of ours."""
        home = self.workspace.path / "home"
        home.mkdir(exist_ok=True)
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(home),
                       "TMPDIR": str(self.workspace.temporary)}
        return subprocess.run([self.usr / "bin/unik", *map(str, arguments)], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)

    def test_files_stand_in_their_places_and_no_others_do(self):
        commands = re.findall(r"^  ([a-z-]+) ", self.installed("help").stdout.split("Exit codes:")[0],
                              re.MULTILINE)
        self.assertIn("build", commands)
        wanted = {"bin/unik", "share/man/man1/unik.1", "share/man/man5/Unikfile.5",
                  "share/man/man5/unik-policy.5", *SHARE}
        wanted |= {f"share/man/man1/unik-{command}.1" for command in commands}
        found = {str(path.relative_to(self.usr)) for path in self.usr.rglob("*") if path.is_file()}
        self.assertEqual(found, wanted)
        self.assertTrue(os.access(self.usr / "bin/unik", os.X_OK))

    def test_it_knows_no_path_of_the_build(self):
        binary = (self.usr / "bin/unik").read_bytes()
        self.assertNotIn(str(BUILD).encode() + b"/base-images", binary)
        dynamic = subprocess.run(["readelf", "-d", self.usr / "bin/unik"], check=True,
                                 capture_output=True, text=True).stdout
        self.assertNotRegex(dynamic, "RPATH|RUNPATH")

    def test_man_finds_the_pages(self):
        done = subprocess.run(["man", "-M", self.usr / "share/man", "-w", "unik-build"],
                              capture_output=True, text=True)
        self.assertEqual(done.stdout.strip(), str(self.usr / "share/man/man1/unik-build.1"))

    def test_it_builds_and_inspects_a_bundle_with_nothing_beside_it(self):
        project = self.workspace.path / "hello"
        project.mkdir()
        (project / "hello.c").write_text("int main(void) { return 0; }\n")
        done = self.installed("init", project)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.installed("build", "-q", cwd=project)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"{project}/hello.unik\n")
        done = self.installed("inspect", project / "hello.unik")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("disk-qemu.qcow2", done.stdout)


if __name__ == "__main__":
    unittest.main()
