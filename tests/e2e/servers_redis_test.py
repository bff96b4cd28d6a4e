"""Debian's redis-server as redis-cli and redis-benchmark see it, and under a mixed load."""

import subprocess
import unittest

import mixed_load
import server_case
import tap_guest

BIG = server_case.pattern(64 << 20)


class Protocol:
    """RESP 2 (https://redis.io/docs/reference/protocol-spec): SET and GET as the mixed load has them."""

    def __init__(self, address):
        self.address = address
        self.big = self.upload_to = True
        self.most_requests = 200

    def send(self, stream, *words):
        stream.send(f"*{len(words)}\r\n".encode())
        for word in words:
            stream.send(f"${len(word)}\r\n".encode())
            stream.send(word)
            stream.send(b"\r\n")

    def expect(self, stream, line):
        got = stream.line()
        if got != line:
            raise mixed_load.LoadError(f"{got!r} instead of {line!r}")

    def bulk(self, stream, most):
        yield from mixed_load.counted(stream, int(stream.line().removeprefix(b"$")), most)
        self.expect(stream, b"")

    def start_small(self, stream):
        self.send(stream, b"GET", b"small")

    def finish_small(self, stream):
        return b"".join(self.bulk(stream, mixed_load.MIB))

    def small(self, stream):
        self.start_small(stream)
        return self.finish_small(stream)

    def start_big(self, stream):
        self.send(stream, b"GET", b"big")

    def finish_big(self, stream, most=mixed_load.MIB, pace=None):
        mixed_load.compare(self.bulk(stream, most), BIG, pace)

    def upload(self, stream):
        self.send(stream, b"SET", b"big", BIG)
        self.expect(stream, b"+OK")


class Redis(server_case.ServerCase):
    name, program, port = "redis", "/usr/bin/redis-server", 6379
    arguments = ["--protected-mode", "no", "--bind", "0.0.0.0", "--dir", "/data", "--save", "",
                 "--io-threads", "2", "--client-output-buffer-limit", "normal 0 0 0",
                 "--appendonly", "yes", "--enable-debug-command", "yes"]  # fmt: skip
    keys = {"tmpfs": {"/data": "64M"}}

    def cli(self, *words, **options):
        done = subprocess.run(["redis-cli", "-h", tap_guest.GUEST, "-p", str(self.port), *words],
                              capture_output=True, text=True, timeout=100, **options)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_what_redis_cli_sees(self):
        with self.start() as guest:
            self.assertEqual(self.cli("ping"), "PONG")
            self.assertEqual(self.cli("set", "greeting", "hello", "px", "100000"), "OK")
            self.assertEqual(self.cli("get", "greeting"), "hello")
            self.assertEqual(self.cli("rpush", "list", "a", "b", "c"), "3")
            self.assertEqual(self.cli("zadd", "set", "2", "two", "1", "one"), "2")
            self.assertEqual(self.cli("zrange", "set", "0", "-1"), "one\ntwo")
            self.assertEqual(self.cli("eval", "return redis.call('get', KEYS[1])", "1", "greeting"),
                             "hello")
            self.assertEqual(self.cli(input="multi\nincr n\nincr n\nexec\n").split()[-2:], ["1", "2"])
            self.assertEqual(self.cli("save"), "OK")
            self.assertIn("fork", self.cli("bgsave").lower() + self.cli("bgrewriteaof").lower()
                          + guest.console().lower())
            self.assertEqual(self.cli("debug", "reload"), "OK")
            self.assertEqual(self.cli("lrange", "list", "0", "-1").split(), ["a", "b", "c"])
            self.assertIn("redis_version:7.0", self.cli("info", "server"))
            self.cli("shutdown")
            guest.process.wait(timeout=100)

    def test_the_benchmark(self):
        with self.start() as guest:
            done = subprocess.run(["redis-benchmark", "-h", tap_guest.GUEST, "-q", "-n", "1000"],
                                  capture_output=True, text=True, timeout=200)  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            # Each of its default tests tells what it reached.
            self.assertEqual(done.stdout.count("requests per second"), 20, done.stdout)
            self.assertNotIn("rror", done.stdout + done.stderr)
            guest.check_healthy()


class Loaded(server_case.ServerCase):
    name, program, port = "redis-loaded", "/usr/bin/redis-server", 6379
    arguments = ["--protected-mode", "no", "--bind", "0.0.0.0", "--save", "",
                 "--client-output-buffer-limit", "normal 0 0 0"]  # fmt: skip
    memory = "1G"

    def test_a_mixed_load(self):
        service = Protocol(self.address)

        def prepare():
            with mixed_load.Stream(self.address) as stream:
                service.send(stream, b"SET", b"small", b"value")
                service.expect(stream, b"+OK")
                service.upload(stream)

        self.load(service, prepare)


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
