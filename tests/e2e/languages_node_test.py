"""JavaScript on Node.js: the example, packages by npm as the lock file has them, and what programs ask
of Node.js, compared with Linux."""

import os

# V8 under software emulation on a busy machine.
os.environ.setdefault("UNIK_TEST_DEADLINE", "400")

import json
import subprocess
import unittest

from language_case import LanguageTest
from projects import EXAMPLES, PROGRAMS
from unik import DEADLINE


class Node(LanguageTest):
    def project(self, name, files, **package):
        """A package whose files are given by their names."""
        package = {"name": name, "version": "1.0.0", "private": True, **package}
        return super().project(name, {"package.json": json.dumps(package), **files},
                               f"name: {name}\nlanguage: node\n")

    def test_http_node(self):
        bundle = self.build_project(EXAMPLES / "http-node")
        again = self.workspace.unik("build", "-o", bundle, self.workspace.path / "http-node")
        self.assertIn("up to date", again.stderr)
        inspected = self.workspace.unik("inspect", bundle).stdout
        self.assertRegex(inspected, r"Runtime +node \d+\.\d+")
        self.assertRegex(inspected, "(?i)jit")
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            url = f"http://localhost:{guest.port()}"
            self.assertEqual(self.fetch(f"{url}/a%20b?c=d"),
                             (200, b"hello from Node, you asked for /a%20b?c=d\n"))
            status, body = self.fetch(f"{url}/status")
            self.assertEqual((status, json.loads(body)["language"]), (200, "node"))
            self.assertEqual(guest.stop(), 0)
            self.assertIn("stopped", guest.stdout)

    def test_programs_find_what_they_find_on_linux(self):
        bundle = self.build_project(PROGRAMS / "features-node")
        linux = subprocess.run(["node", PROGRAMS / "features-node/index.js"], capture_output=True,
                               text=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)
        expected = linux.stdout.splitlines()
        self.assertEqual(expected.pop(), "a program was started", linux.stderr)
        with self.workspace.guest(bundle) as guest:
            self.assertEqual(guest.wait(), linux.returncode)
            found = guest.stdout.splitlines()
        self.assertEqual(found.pop(), "no program was started: ENOSYS")
        self.assertEqual(found, expected)

    def test_the_projects_script_builds_what_is_run(self):
        build = ('require("fs").mkdirSync("dist"); require("fs").writeFileSync("dist/main.js",'
                 ' "console.log(`built, ${process.argv.slice(2)}, ${process.env.NODE_ENV}`);")')
        project = self.project("scripted", {"build.js": build, ".env": "SECRET=1\n"},
                               scripts={"build": "node build.js",
                                        "start": "node --no-warnings dist/main one"})
        bundle = self.workspace.build(project)
        done = self.workspace.unik("run", "-q", bundle, "--", "two")
        self.assertEqual((done.stdout, done.returncode), ("built, one,two, production\n", 0),
                         done.stderr)
        self.assertEqual(sorted(os.listdir(project)),
                         [".env", "Unikfile", "build.js", "package.json"])
        self.assertNotIn(".env", (bundle / "image.json").read_text())

    def test_the_lock_file_decides_what_is_installed(self):
        project = self.project("unlocked", {"index.js": ""}, dependencies={"ms": "^2.0.0"})
        self.refused(project, r"package-lock\.json, which pins them, is missing")
        lock = {"name": "unlocked", "version": "1.0.0", "lockfileVersion": 3, "requires": True,
                "packages": {"": {"name": "unlocked", "version": "1.0.0",
                                  "dependencies": {"depd": "^2.0.0"}}}}
        (project / "package-lock.json").write_text(json.dumps(lock))
        self.refused(project, r"\| .*can only install packages when.*in sync")

    def test_a_project_without_anything_to_run_is_refused(self):
        for name, package, message in (
                ("nothing", {}, "found nothing to run"),
                ("absent", {"main": "dist/absent.js"}, "found nothing to run"),
                ("shelled", {"scripts": {"start": "node a.js && node b.js"}}, "takes a shell"),
                ("foreign", {"scripts": {"start": "python3 a.py"}}, "runs python3, which is neither")):
            with self.subTest(name):
                self.refused(self.project(name, {"a.js": ""}, **package), message)


if __name__ == "__main__":
    unittest.main()
