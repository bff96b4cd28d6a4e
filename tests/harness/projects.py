"""Tests of whole projects: manifests/examples and tests/services, built from copies by the tools of
their languages, booted, asked over HTTP.

The tools' own caches outlive a test, where the host's user has them: compiling Go's library or
fetching crates anew each time would take longer than all the rest."""

import os
import shutil
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from unik import DEADLINE, SOURCE, Workspace

EXAMPLES = SOURCE / "manifests/examples"
SERVICES = SOURCE / "tests/services"
PROGRAMS = SOURCE / "tests/e2e/programs"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


class ProjectTest(unittest.TestCase):
    """One workspace for all tests of the class, checked at the end for what is left behind."""

    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace(cls.__name__.lower())
        cls.workspace.environment.setdefault("GOCACHE", str(CACHE / "go-build"))
        cls.workspace.environment.setdefault("PIP_CACHE_DIR", str(CACHE / "pip"))

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def copy(self, project, name=None):
        """A copy of the project in the workspace: a build may put its results beside the sources."""
        copy = self.workspace.path / (name or project.name)
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns("*.unik"))
        return copy

    def build_project(self, project, *arguments, deadline=5 * DEADLINE):
        """Builds a copy of the project; returns the bundle's path. A registry takes its time."""
        bundle = self.workspace.path / f"{project.name}.unik"
        done = self.workspace.unik("build", "-q", "-o", bundle, *arguments, self.copy(project),
                                   deadline=deadline)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return bundle

    def fetch(self, url, data=None, headers=None):
        """The status and the body of a reply, whatever the status."""
        request = urllib.request.Request(url, data=data, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
