"""Tests of interpreted languages: their example as a service, small programs, and refused projects."""

import json
import urllib.error
from concurrent.futures import ThreadPoolExecutor

from projects import EXAMPLES, ProjectTest

CLIENTS = 4
REQUESTS = 24


class ManyClients(ProjectTest):
    """Clients side by side on QEMU's user network. That keeps a queue of one connection at the host's
    port, and where QEMU is slow to take them the host resets those that find it full, before the guest
    hears of them: these clients ask again. Whether the guest itself resets connections is up to the
    tests on a tap."""

    def fetch(self, url, data=None, headers=None):
        for _ in range(20):
            try:
                return super().fetch(url, data, headers)
            except ConnectionResetError:
                continue
            except urllib.error.URLError as error:
                if not isinstance(error.reason, ConnectionError):
                    raise
        raise AssertionError(f"{url} was reset each time")


class LanguageTest(ManyClients):
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
