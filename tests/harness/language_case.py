"""Tests of interpreted languages: their example as a service, small programs, and refused projects."""

import json
from concurrent.futures import ThreadPoolExecutor

from projects import EXAMPLES, ProjectTest

CLIENTS = 4
REQUESTS = 24


class LanguageTest(ProjectTest):
    def project(self, name, files, unikfile=""):
        """A new folder with these files; a Unikfile only where one is given."""
        folder = self.workspace.path / name
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        if unikfile:
            (folder / "Unikfile").write_text(unikfile)
        return folder

    def refused(self, project, message, environment=None):
        done = self.workspace.unik("build", "-q", "-o", self.workspace.path / "refused.unik", project,
                                   environment=environment)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, message)

    def output_of(self, project, *arguments, environment=None, code=0):
        """What the project's program writes to its standard output."""
        bundle = self.workspace.build(project, environment=environment)
        done = self.workspace.unik("run", "-q", bundle, *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def check_example(self, name, language, ended):
        """Builds manifests/examples/NAME, whose pages tell their own path; ended: the exit status on
        SIGTERM. A second build finds nothing to do."""
        bundle = self.build_project(EXAMPLES / name)
        inspected = self.workspace.unik("inspect", bundle).stdout
        self.assertRegex(inspected, rf"(?m)^Runtime +{language} \d+\.\d+")
        again = self.workspace.unik("build", "-o", bundle, self.workspace.path / name)
        self.assertRegex(again.stderr, "up to date")
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            url = f"http://localhost:{guest.port()}"
            status, body = self.fetch(f"{url}/status")
            self.assertEqual((status, json.loads(body)["language"]), (200, language))
            with ThreadPoolExecutor(CLIENTS) as pool:
                replies = list(pool.map(lambda i: self.fetch(f"{url}/{i}"), range(REQUESTS)))
            for i, (status, body) in enumerate(replies):
                self.assertEqual(status, 200)
                self.assertRegex(body.decode(), rf"^hello from \w+, you asked for /{i}\n$")
            self.assertEqual(guest.stop(), ended)
            self.assertNotRegex(guest.stdout + guest.stderr, "(?i)warning")
        return bundle
