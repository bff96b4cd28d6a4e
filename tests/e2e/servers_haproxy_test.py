"""Debian's haproxy, balancing between a server on the host and answers of its own, and under a mixed
load in front of that server."""

import collections
import subprocess
import unittest
import zlib

import host_server
import mixed_load
import server_case
import tap_guest

CONFIGURATION = """\
global
    maxconn 1000
    stats socket /run/haproxy.sock mode 600 level admin
    log stdout format raw local0 notice
defaults
    mode http
    timeout connect 30s
    timeout client 300s
    timeout server 300s
    log global
frontend web
    bind *:8080
    use_backend round if { path /round }
    use_backend gone if { path /gone }
    http-request set-header X-Forwarded-By guest
    compression algo gzip
    default_backend host
backend host
    server host @host@:@port@
backend round
    balance roundrobin
    server first 127.0.0.1:8081 check
    server second 127.0.0.1:8082 check
    server third [::1]:8083 check
backend gone
    server gone 127.0.0.1:9
frontend first
    bind 127.0.0.1:8081
    http-request return status 200 content-type text/plain string "first"
frontend second
    bind 127.0.0.1:8082
    http-request return status 200 content-type text/plain string "second"
frontend third
    bind [::1]:8083
    http-request return status 200 content-type text/plain string "third"
frontend figures
    bind *:8090
    stats enable
    stats uri /
"""
BIG = server_case.pattern(64 << 20)


class Haproxy(server_case.ServerCase):
    name, program, port = "haproxy", "/usr/sbin/haproxy", 8080
    arguments = ["-db", "-f", "/etc/haproxy.cfg"]
    memory = "256M"

    @classmethod
    def setUpClass(cls):
        cls.behind = host_server.MixedServer()
        cls.addClassCleanup(cls.behind.stop)
        configuration = CONFIGURATION.replace("@host@", tap_guest.HOST)
        cls.files = {"/etc/haproxy.cfg": configuration.replace("@port@", str(cls.behind.port))}
        super().setUpClass()

    def curl(self, path, *options, port=8080):
        done = subprocess.run(["curl", "-sS", "--max-time", "100", *options,
                               f"http://{tap_guest.GUEST}:{port}{path}"],
                              capture_output=True, timeout=120)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_what_curl_sees(self):
        with self.start() as guest:
            self.assertEqual(self.curl("/big"), BIG)
            source = self.workspace.path / "body"
            source.write_bytes(BIG)
            answer = self.curl("/upload", "-X", "POST", "-T", source)
            self.assertEqual(answer, f"{len(BIG)} {zlib.adler32(BIG)}\n".encode())
            answers = collections.Counter(self.curl("/round") for _ in range(12))
            self.assertEqual(answers, {b"first": 4, b"second": 4, b"third": 4})
            self.assertEqual(self.curl("/gone", "-w", "%{http_code}", "-o", "/dev/null"), b"503")
            figures = self.curl("/;csv", port=8090).decode()
            self.assertRegex(figures, r"(?m)^round,third,.*,UP,")
            guest.check_healthy()

    def test_a_mixed_load(self):
        expected = f"{len(BIG)} {zlib.adler32(BIG)}\n".encode()
        self.load(mixed_load.Http(self.address, big=("/big", BIG), upload=(
            "/upload", BIG, lambda answer: answer == expected)))  # fmt: skip


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
