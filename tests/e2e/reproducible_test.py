"""Same inputs, same bytes: two folders, two times, two time zones, locales and umasks; everything in
the bundle, the disks of all targets and every container."""

import json
import os
import shutil
import time
import unittest
from pathlib import Path

from unik import SOURCE, Workspace

FORMATS = ("raw", "qcow2", "vmdk", "vmdk-stream", "vdi", "vhd", "vhd-fixed", "vhdx", "ova", "gce",
           "iso")  # fmt: skip


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes()
            for p in sorted(Path(folder).rglob("*")) if p.is_file()}


class Reproducible(unittest.TestCase):
    def build_copy(self, workspace, name, example, *options):
        project = workspace.path / name / example
        shutil.copytree(SOURCE / "manifests/examples" / example, project,
                        ignore=shutil.ignore_patterns("*.unik"))
        moment = time.time() - (86400 if "first" in name else 0)
        for path in project.rglob("*"):
            os.utime(path, (moment, moment))
        bundle = workspace.path / name / "out.unik"
        self.unik(workspace, name, "build", "-o", bundle, *options, project)
        return contents(bundle)

    def unik(self, workspace, name, *arguments):
        first = "first" in name
        environment = {"TZ": "Asia/Tokyo" if first else "UTC",
                       "LC_ALL": "C" if first else "C.UTF-8",
                       "XDG_CACHE_HOME": str(workspace.path / name / "cache")}
        before = os.umask(0o077 if first else 0o002)
        try:
            done = workspace.unik(*arguments, environment=environment)
        finally:
            os.umask(before)
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_same(self, first, second):
        self.assertEqual(first.keys(), second.keys())
        for name, content in first.items():
            self.assertTrue(content == second[name], f"{name} differs")

    def test_two_builds_agree_to_the_bit(self):
        with Workspace("reproducible") as workspace:
            first = self.build_copy(workspace, "first-folder", "http-c")
            second = self.build_copy(workspace, "a/much/longer/second-folder", "http-c")
            self.assert_same(first, second)

    def test_disks_of_all_targets_agree_to_the_bit(self):
        with Workspace("reproducible") as workspace:
            listed = json.loads(workspace.unik("targets", "--json").stdout)
            images = [f"{target['name']}:{image}" for target in listed
                      for image in target["images"]]
            options = [word for image in images for word in ("--target", image)]
            example = "hello-make"  # no network: some targets drive none
            first = self.build_copy(workspace, "first-folder", example, *options)
            second = self.build_copy(workspace, "a/much/longer/second-folder", example, *options)
            self.assertEqual(len([name for name in first if name.startswith("disk-")]),
                             len(images))
            self.assert_same(first, second)

    def test_every_container_agrees_to_the_bit(self):
        with Workspace("reproducible") as workspace:
            project = workspace.path / "hello-make"
            shutil.copytree(SOURCE / "manifests/examples/hello-make", project)
            bundle = workspace.build(project, "--target", "qemu:raw")
            made = {}
            for name in ("first-folder", "second-folder"):
                folder = workspace.path / name
                folder.mkdir()
                disk = folder / "disk.raw"
                shutil.copy(next(bundle.glob("disk-*")), disk)
                for container in FORMATS:
                    self.unik(workspace, name, "convert", disk, "--to", container,
                              "-o", folder / f"out.{container}")
                made[name] = contents(folder)
                for file in list(made[name]):
                    if file.startswith("cache"):
                        del made[name][file]
            self.assertEqual(len(made["first-folder"]), 1 + len(FORMATS))
            self.assert_same(made["first-folder"], made["second-folder"])

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
