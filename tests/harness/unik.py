"""Driving the real unik from tests: private folders, deadlines instead of sleeps, and a check at the
end that nothing is left behind.

The environment names the binary: UNIK (set by CTest)."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

UNIK = os.environ.get("UNIK", "unik")
SOURCE = Path(__file__).resolve().parents[2]
# Software emulation on a busy machine: generous, since nothing waits for it to pass.
DEADLINE = float(os.environ.get("UNIK_TEST_DEADLINE", "120"))


class Workspace:
    """A folder of its own, with $TMPDIR, cache and run folder inside it. Kept and named on failure."""

    def __init__(self, name):
        self.path = Path(tempfile.mkdtemp(prefix=f"unik-{name}-"))
        self.temporary = self.path / "tmp"
        self.temporary.mkdir()
        self.environment = dict(
            os.environ,
            TMPDIR=str(self.temporary),
            XDG_RUNTIME_DIR=str(self.temporary),
            XDG_CACHE_HOME=str(self.path / "cache"),
            NO_COLOR="1",
        )

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.check_nothing_left()
            shutil.rmtree(self.path)
        else:
            print(f"kept: {self.path}")

    def check_nothing_left(self):
        left = [str(p) for p in self.temporary.rglob("*")]
        assert not left, f"temporary files left behind: {left}"
        marker = str(self.path).encode()
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = process.read_bytes()
            except OSError:
                continue
            if b"qemu" in command and marker in command:
                raise AssertionError(f"a QEMU process is left: {process.parent.name}")

    def unik(self, *arguments, cwd=None, environment=None, deadline=DEADLINE, stdin=None):
        """Runs unik to its end; returns the CompletedProcess with text output."""
        return subprocess.run(
            [UNIK, *map(str, arguments)],
            cwd=cwd or self.path,
            env=dict(self.environment, **(environment or {})),
            stdin=subprocess.DEVNULL if stdin is None else None,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=deadline,
        )

    def build(self, project, *arguments, **options):
        """Builds into this workspace; returns the bundle's path."""
        bundle = self.path / "image.unik"
        done = self.unik("build", "-o", bundle, *arguments, project, **options)
        assert done.returncode == 0, f"unik build failed:\n{done.stdout}{done.stderr}"
        return bundle

    def binary_project(self, executable, name="app", **keys):
        """A project with `language: binary` around an executable."""
        folder = self.path / f"project-{name}"
        folder.mkdir(exist_ok=True)
        shutil.copy2(executable, folder / name)
        lines = [f"name: {name}", "language: binary", f"build: {{output: {name}}}"]
        lines += [f"{key}: {value}" for key, value in keys.items()]
        (folder / "Unikfile").write_text("\n".join(lines) + "\n")
        return folder

    def guest(self, bundle, *arguments, program=(), environment=None, stdin=None):
        return Guest(self, bundle, arguments, program, environment, stdin)


class Guest:
    """`unik run` in the background, its output gathered as it comes."""

    def __init__(self, workspace, bundle, arguments, program, environment, stdin):
        command = [UNIK, "run", "--timeout", str(DEADLINE), *map(str, arguments), str(bundle)]
        if program:
            command += ["--", *program]
        self.process = subprocess.Popen(
            command,
            cwd=workspace.path,
            env=dict(workspace.environment, **(environment or {})),
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self.output = {"stdout": "", "stderr": ""}
        self.changed = threading.Condition()
        self.readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("stdout", self.process.stdout), ("stderr", self.process.stderr))
        ]
        for reader in self.readers:
            reader.start()

    def _read(self, name, stream):
        for line in stream:
            with self.changed:
                self.output[name] += line
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        if kind is not None:
            print(f"--- guest stdout\n{self.stdout}\n--- guest stderr\n{self.stderr}")

    @property
    def stdout(self):
        return self.output["stdout"]

    @property
    def stderr(self):
        return self.output["stderr"]

    def wait_for(self, pattern, stream="stderr", deadline=DEADLINE):
        """The match of a regular expression in the output, once it is there."""
        end = time.monotonic() + deadline
        with self.changed:
            while True:
                match = re.search(pattern, self.output[stream], re.MULTILINE)
                if match:
                    return match
                left = end - time.monotonic()
                ended = not any(reader.is_alive() for reader in self.readers)
                assert left > 0 and not ended, f"no {pattern!r} in {stream}"
                self.changed.wait(min(left, 0.5))

    def port(self, guest_port=None):
        """The host port of the first service that became ready."""
        return int(self.wait_for(r"ready in \d+ ms: \w+://localhost:(\d+)").group(1))

    def stop(self, with_signal=signal.SIGTERM, deadline=DEADLINE):
        self.process.send_signal(with_signal)
        return self.wait(deadline)

    def wait(self, deadline=DEADLINE):
        code = self.process.wait(deadline)
        for reader in self.readers:
            reader.join()
        return code
