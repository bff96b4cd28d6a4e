"""From start to end of a run: every way to stop it, what goes in, what must not come out."""

import json
import os
import signal
import subprocess
import time
import unittest
from pathlib import Path

from unik import DEADLINE, Workspace

PROGRAM = """
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static void note(int signal) {
    printf("signal %d\\n", signal);
    fflush(stdout);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "stubborn") == 0) {
        signal(SIGTERM, note);
        signal(SIGINT, note);
    } else if (strcmp(what, "memory") == 0) {
        struct sysinfo info;
        sysinfo(&info);
        printf("%lu\\n", info.totalram >> 20);
        return 0;
    } else if (strcmp(what, "env") == 0) {
        for (int i = 2; i < argc; i++)
            printf("%s=%s\\n", argv[i], getenv(argv[i]) ? getenv(argv[i]) : "(none)");
        return 0;
    }
    puts("up");
    fflush(stdout);
    for (;;)
        pause();
}
"""


def qemu_of(workspace):
    """The command lines of QEMU processes that belong to this workspace, by process id."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if command.startswith(b"qemu-system") and str(workspace.path).encode() in command:
            found[int(process.name)] = command
    return found


def wait_until(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        os.sched_yield()


class Lifecycle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("lifecycle")
        project = cls.workspace.path / "project"
        project.mkdir()
        (project / "main.c").write_text(PROGRAM)
        (project / "Unikfile").write_text("name: life\nlanguage: c\nresources: {memory: 40M}\n")
        cls.bundle = cls.workspace.build(project)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def up(self, *arguments, program=()):
        guest = self.workspace.guest(self.bundle, *arguments, program=program)
        try:
            guest.wait_for("^up$", stream="stdout")
        except BaseException:
            guest.__exit__(None, None, None)
            raise
        return guest

    def program(self, *words, arguments=(), **options):
        done = self.workspace.unik("run", "-q", *arguments, self.bundle, "--", *words, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_a_timeout_stops_it_with_124(self):
        start = time.monotonic()
        done = self.workspace.unik("run", "--timeout", "8", self.bundle)
        self.assertEqual((done.returncode, done.stdout), (124, "up\n"), done.stderr)
        self.assertIn("did not end within 8 s", done.stderr)
        self.assertLess(time.monotonic() - start, 30)
        self.workspace.check_nothing_left()

    def test_sigterm_ends_a_program_without_a_handler(self):
        with self.up() as guest:
            self.assertEqual(guest.stop(), 128 + 15)

    def test_a_second_ctrl_c_does_not_wait(self):
        with self.up(program=("stubborn",)) as guest:
            guest.process.send_signal(signal.SIGINT)
            guest.wait_for("signal", stream="stdout")
            first = time.monotonic()
            while guest.process.poll() is None and time.monotonic() < first + 4:
                guest.process.send_signal(signal.SIGINT)
                guest.changed.acquire()
                guest.changed.wait(0.1)
                guest.changed.release()
            self.assertLess(time.monotonic() - first, 4, "the grace period is 5 s")
            self.assertNotEqual(guest.wait(), 0)
        self.workspace.check_nothing_left()

    def test_a_program_that_ignores_the_request_is_killed_after_the_grace_period(self):
        with self.up(program=("stubborn",)) as guest:
            start = time.monotonic()
            self.assertNotEqual(guest.stop(), 0)
            self.assertGreater(time.monotonic() - start, 4)
            self.assertIn("signal 15", guest.stdout)
        self.workspace.check_nothing_left()

    def test_sigterm_while_booting_leaves_nothing(self):
        for _ in range(5):
            with self.workspace.guest(self.bundle, "--boot", "disk") as guest:
                wait_until(lambda: qemu_of(self.workspace) or guest.process.poll() is not None)
                self.assertNotEqual(guest.stop(), 0, guest.stderr)
            self.workspace.check_nothing_left()

    def test_qemu_dies_with_unik(self):
        with self.up() as guest:
            self.assertEqual(len(qemu_of(self.workspace)), 1)
            guest.process.kill()
            guest.process.wait()
            wait_until(lambda: not qemu_of(self.workspace))
        # Nobody was left to remove the run folder; the next run must not be disturbed by it.
        self.assertEqual(self.program("env"), "")
        for path in self.workspace.temporary.iterdir():
            subprocess.run(["rm", "-r", path], check=True)

    def test_a_qemu_that_dies_is_an_error(self):
        with self.up() as guest:
            os.kill(next(iter(qemu_of(self.workspace))), signal.SIGKILL)
            self.assertEqual(guest.wait(), 1)
            self.assertIn("error:", guest.stderr)

    def test_memory_can_be_chosen(self):
        for size, least in (("24M", 20), ("300M", 290), ("1G", 1010)):
            shown = int(self.program("memory", arguments=("-m", size)))
            self.assertTrue(least <= shown <= least * 1.3, f"{size}: {shown} MiB")
        self.assertTrue(35 <= int(self.program("memory")) <= 40)

    def test_variables_come_from_files_and_arguments(self):
        file = self.workspace.path / "variables"
        file.write_text("# comment\nCOLOUR=red\nSHAPE=round = yes\n\nEMPTY=\n")
        shown = self.program("env", "COLOUR", "SHAPE", "EMPTY", "HOST_ONE", "OTHER",
                             arguments=("--env-file", file, "-e", "COLOUR=blue", "-e", "HOST_ONE"),
                             environment={"HOST_ONE": "from here"})
        self.assertEqual(shown, "COLOUR=blue\nSHAPE=round = yes\nEMPTY=\nHOST_ONE=from here\n"
                                "OTHER=(none)\n")

    def test_a_secret_variable_is_seen_by_the_program_alone(self):
        secret = "s3cr3t-from-the-environment"
        before = {path: path.read_bytes() for path in self.bundle.iterdir()}
        with self.workspace.guest(self.bundle, "-v", "-e", "PASSWORD",
                                  environment={"PASSWORD": secret}) as guest:
            guest.wait_for("^up$", stream="stdout")
            commands = qemu_of(self.workspace)
            self.assertEqual(len(commands), 1)
            for command in (*commands.values(),
                            Path(f"/proc/{guest.process.pid}/cmdline").read_bytes()):
                self.assertNotIn(secret.encode(), command)
            for path in self.workspace.temporary.rglob("*"):
                if path.is_file() and secret.encode() in path.read_bytes():
                    self.assertEqual(path.stat().st_mode & 0o077, 0, "others can read it")
            guest.stop()
            self.assertNotIn(secret, guest.stdout + guest.stderr)
        self.assertEqual(self.program("env", "PASSWORD", arguments=("-e", f"PASSWORD={secret}")),
                         f"PASSWORD={secret}\n")
        for path, content in before.items():
            self.assertTrue(path.read_bytes() == content and secret.encode() not in content)

    def test_standard_input_reaches_the_program(self):
        bundle = self.workspace.path / "busybox.unik"
        project = self.workspace.binary_project("/bin/busybox", name="busybox")
        self.assertEqual(self.workspace.unik("build", "-q", "-o", bundle, project).returncode, 0)
        text = "".join(f"line {number}\n" for number in range(300))
        done = self.workspace.unik("run", "-q", bundle, "--", "head", "-n", "300", stdin=text)
        self.assertEqual((done.returncode, done.stdout), (0, text), done.stderr)
        # Read byte by byte, so that the console's buffer fills up meanwhile.
        done = self.workspace.unik("run", "-q", bundle, "--", "dd", "bs=1", "count=6000",
                                   "of=/dev/null", stdin="x" * 5999 + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("6000+0 records in", done.stderr)
        done = self.workspace.unik("run", "-q", bundle, "--", "head", "-n", "1", stdin="one\ntwo\n")
        self.assertEqual((done.returncode, done.stdout), (0, "one\n"), done.stderr)

    def test_events_are_shown_when_asked_for(self):
        done = self.workspace.unik("run", "-v", self.bundle, "--", "env")
        self.assertEqual(done.returncode, 0)
        self.assertIn("exit", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_two_runs_of_one_bundle_at_once(self):
        with self.up() as first, self.up() as second:
            self.assertEqual(len(qemu_of(self.workspace)), 2)
            self.assertEqual(first.stop(), 143)
            self.assertIsNone(second.process.poll())
            self.assertEqual(second.stop(), 143)

    def test_a_damaged_bundle_is_refused(self):
        broken = self.workspace.path / "broken.unik"
        subprocess.run(["cp", "-r", self.bundle, broken], check=True)
        (broken / "kernel.elf").write_bytes(b"\x7fELF" + bytes(100))
        done = self.workspace.unik("run", "--timeout", "20", broken, "--", "env")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("error:", done.stderr)
        (broken / "image.json").write_text(json.dumps({"name": "x"}))
        done = self.workspace.unik("run", "--timeout", "20", broken, "--", "env")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("image.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
