"""python3 -m http.server from Debian, a thread for each connection, as curl sees it, and under a mixed
load."""

import shutil
import subprocess
import unittest

import mixed_load
import server_case
import tap_guest

PAGE = "<!DOCTYPE html><title>python</title>here\n"
BIG = server_case.pattern(64 << 20)
LIBRARY = "/usr/lib/python3.11"


def fill(folder):
    (folder / "index.html").write_text(PAGE)
    (folder / "big.bin").write_bytes(BIG)
    (folder / "list").mkdir()
    for number in range(100):
        (folder / "list" / f"entry-{number}").write_text(f"{number}\n")


def copy_library(folder):
    """Without what only tests and installers need."""
    shutil.copytree(LIBRARY, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(
        "test", "__pycache__", "ensurepip", "idlelib", "lib2to3", "config-3.11-*", "sitecustomize.py"))  # fmt: skip


class Python(server_case.ServerCase):
    name, program, port = "python", "/usr/bin/python3.11", 8080
    arguments = ["-m", "http.server", "--protocol", "HTTP/1.1", "-d", "/srv/www", "8080"]
    trees = {"/srv/www": fill, LIBRARY: copy_library}
    keys = {"env": {"PYTHONUNBUFFERED": "1"}, "root": "disk"}
    memory = "384M"

    def curl(self, path, *options):
        done = subprocess.run(["curl", "-sS", "--max-time", "100", *options,
                               f"http://{tap_guest.GUEST}:{self.port}{path}"],
                              capture_output=True, timeout=120)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_what_curl_sees(self):
        with self.start() as guest:
            self.assertEqual(self.curl("/"), PAGE.encode())
            self.assertIn("Server: SimpleHTTP/0.6 Python/3.11", self.curl("/", "-I").decode())
            self.assertEqual(self.curl("/big.bin"), BIG)
            self.assertEqual(self.curl("/list").decode(), "")
            listing = self.curl("/list/").decode()
            for number in (0, 50, 99):
                self.assertIn(f"entry-{number}<", listing)
            self.assertEqual(self.curl("/none", "-w", "%{http_code}", "-o", "/dev/null"), b"404")
            self.assertEqual(self.curl("/", "-d", "text", "-w", "%{http_code}", "-o", "/dev/null"),
                             b"501")
            guest.check_healthy()

    def test_a_mixed_load(self):
        self.load(mixed_load.Http(self.address, big=("/big.bin", BIG)))


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
