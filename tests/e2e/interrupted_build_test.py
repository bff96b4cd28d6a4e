"""A build that is killed, or that cannot write, leaves the old bundle whole and nothing else."""

import os
import shutil
import signal
import subprocess
import unittest

from unik import SOURCE, UNIK, Workspace

EXAMPLE = SOURCE / "manifests/examples/http-c"


class InterruptedBuild(unittest.TestCase):
    def setUp(self):
        self.workspace = Workspace("interrupted")
        self.project = self.workspace.path / "project"
        shutil.copytree(EXAMPLE, self.project, ignore=shutil.ignore_patterns("*.unik"))
        self.bundle = self.workspace.path / "out.unik"
        done = self.workspace.unik("build", "-o", self.bundle, self.project)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.digest = (self.bundle / "image.json").read_bytes()

    def tearDown(self):
        shutil.rmtree(self.workspace.path)

    def check_old_bundle(self):
        self.assertEqual((self.bundle / "image.json").read_bytes(), self.digest)
        done = self.workspace.unik("inspect", self.bundle)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_killed_build_leaves_the_old_bundle(self):
        (self.project / "public/index.html").write_text("new\n")
        for delay in (0.02, 0.05, 0.1, 0.2, 0.3):
            build = subprocess.Popen([UNIK, "build", "-q", "-o", self.bundle, self.project],
                                     env=self.workspace.environment, stdout=subprocess.DEVNULL)
            try:
                build.wait(delay)
                break
            except subprocess.TimeoutExpired:
                build.send_signal(signal.SIGKILL)
                build.wait()
            if (self.bundle / "image.json").read_bytes() != self.digest:
                break  # the signal came after the new bundle was in place
            self.check_old_bundle()
        self.assertEqual(self.workspace.unik("inspect", self.bundle).returncode, 0)
        done = self.workspace.unik("build", "-o", self.bundle, self.project)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotEqual((self.bundle / "image.json").read_bytes(), self.digest)
        left = [n for n in os.listdir(self.workspace.path)
                if n not in ("project", "out.unik", "tmp", "cache")]
        self.assertEqual(left, [], "staging folders are cleaned up by the next build")

    def test_a_full_disk_is_an_error_and_the_old_bundle_stays(self):
        mount = self.workspace.path / "small"
        mount.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], check=True)
        try:
            done = self.workspace.unik("build", "-o", mount / "out.unik", self.project)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("No space left on device", done.stderr)
            self.assertEqual(os.listdir(mount), [])
        finally:
            subprocess.run(["umount", mount], check=True)
        self.check_old_bundle()

    def test_an_output_folder_that_cannot_be_written_is_an_error(self):
        done = self.workspace.unik("build", "-o", "/proc/nowhere/out.unik", self.project)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, "error: cannot .*'/proc/nowhere")

    def test_a_folder_that_is_no_bundle_is_not_replaced(self):
        precious = self.workspace.path / "precious"
        precious.mkdir()
        (precious / "work.txt").write_text("mine")
        done = self.workspace.unik("build", "-o", precious, self.project)
        self.assertEqual(done.returncode, 1)
        self.assertEqual((precious / "work.txt").read_text(), "mine")


if __name__ == "__main__":
    unittest.main()
