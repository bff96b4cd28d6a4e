"""Debian's memcached and its threads, as libmemcached's tools see them, and under a mixed load."""

import subprocess
import unittest

import mixed_load
import server_case
import tap_guest

BIG = server_case.pattern(64 << 20)


class Protocol:
    """memcached's text protocol (its doc/protocol.txt), as the mixed load has it."""

    def __init__(self, address):
        self.address = address
        self.big = self.upload_to = True
        self.most_requests = 200

    def value(self, stream, most):
        line = stream.line()
        if not line.startswith(b"VALUE "):
            raise mixed_load.LoadError(f"{line!r} instead of a value")
        yield from mixed_load.counted(stream, int(line.split()[3]), most)
        for line in (b"", b"END"):
            if stream.line() != line:
                raise mixed_load.LoadError("no end of a value")

    def store(self, stream, key, value):
        stream.send(b"set %s 0 0 %d\r\n" % (key, len(value)))
        stream.send(value)
        stream.send(b"\r\n")
        if (answer := stream.line()) != b"STORED":
            raise mixed_load.LoadError(f"{answer!r} instead of STORED")

    def start_small(self, stream):
        stream.send(b"get small\r\n")

    def finish_small(self, stream):
        return b"".join(self.value(stream, mixed_load.MIB))

    def small(self, stream):
        self.start_small(stream)
        return self.finish_small(stream)

    def start_big(self, stream):
        stream.send(b"get big\r\n")

    def finish_big(self, stream, most=mixed_load.MIB, pace=None):
        mixed_load.compare(self.value(stream, most), BIG, pace)

    def upload(self, stream):
        self.store(stream, b"uploaded", BIG)


class Memcached(server_case.ServerCase):
    name, program, port = "memcached", "/usr/bin/memcached", 11211
    # Connections that were reset count until a worker has looked at them: of the usual 1,024 none may be
    # left for others for a moment.
    arguments = ["-u", "root", "-l", "0.0.0.0", "-m", "400", "-I", "80m", "-t", "4", "-c", "16384"]
    memory = "768M"

    def tool(self, name, *words):
        done = subprocess.run([name, f"--servers={tap_guest.GUEST}:{self.port}", *map(str, words)],
                              capture_output=True, text=True, timeout=100)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_what_libmemcached_sees(self):
        files = self.workspace.path / "files"
        files.mkdir()
        contents = {"one": "a value\n", "two": "another\n" * 10000}
        for name, text in contents.items():
            (files / name).write_text(text)
        with self.start() as guest:
            self.assertEqual(self.tool("memcping"), "")
            self.tool("memccp", *(files / name for name in contents))
            for name, text in contents.items():
                self.assertEqual(self.tool("memccat", name).rstrip("\n"), text.rstrip("\n"))
            self.tool("memcexist", "one")
            self.tool("memcrm", "one")
            gone = subprocess.run(["memcexist", f"--servers={tap_guest.GUEST}:{self.port}", "one"],
                                  capture_output=True, timeout=100)  # fmt: skip
            self.assertNotEqual(gone.returncode, 0)
            statistics = self.tool("memcstat")
            self.assertIn("version: 1.6", statistics)
            self.assertIn("threads: 4", statistics)
            conforms = subprocess.run(["memccapable", "-h", tap_guest.GUEST, "-p", str(self.port)],
                                      capture_output=True, text=True, timeout=100)  # fmt: skip
            self.assertIn("All tests passed", conforms.stdout)
            self.tool("memcslap", "--concurrency=8", "--execute-number=50", "--initial-load=100")
            guest.check_healthy()

    def test_a_mixed_load(self):
        service = Protocol(self.address)

        def prepare():
            with mixed_load.Stream(self.address) as stream:
                service.store(stream, b"small", b"value")
                service.store(stream, b"big", BIG)
                service.store(stream, b"uploaded", BIG)

        self.load(service, prepare)


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
