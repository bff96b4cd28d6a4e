"""Same inputs, same bytes: two folders, two times, everything in the bundle."""

import os
import shutil
import time
import unittest
from pathlib import Path

from unik import SOURCE, Workspace


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes()
            for p in sorted(Path(folder).rglob("*")) if p.is_file()}


class Reproducible(unittest.TestCase):
    def build_copy(self, workspace, name, example):
        project = workspace.path / name / example
        shutil.copytree(SOURCE / "manifests/examples" / example, project,
                        ignore=shutil.ignore_patterns("*.unik"))
        moment = time.time() - (86400 if "first" in name else 0)
        for path in project.rglob("*"):
            os.utime(path, (moment, moment))
        bundle = workspace.path / name / "out.unik"
        environment = {"TZ": "Asia/Tokyo" if "first" in name else "UTC",
                       "XDG_CACHE_HOME": str(workspace.path / name / "cache")}
        done = workspace.unik("build", "-o", bundle, project, environment=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return contents(bundle)

    def test_two_builds_agree_to_the_bit(self):
        with Workspace("reproducible") as workspace:
            first = self.build_copy(workspace, "first-folder", "http-c")
            second = self.build_copy(workspace, "a/much/longer/second-folder", "http-c")
            self.assertEqual(first.keys(), second.keys())
            for name, content in first.items():
                self.assertTrue(content == second[name], f"{name} differs")

    def test_a_changed_file_changes_the_image(self):
        with Workspace("reproducible") as workspace:
            first = self.build_copy(workspace, "first-folder", "http-c")
            project = workspace.path / "first-folder/http-c"
            (project / "public/index.html").write_text("changed\n")
            bundle = workspace.path / "changed.unik"
            self.assertEqual(workspace.unik("build", "-o", bundle, project).returncode, 0)
            self.assertNotEqual(first["kernel.elf"], contents(bundle)["kernel.elf"])


if __name__ == "__main__":
    unittest.main()
