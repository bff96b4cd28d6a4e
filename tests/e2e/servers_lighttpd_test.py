"""Debian's lighttpd, with files of its own and in front of a server on the host, as curl sees it, and
under a mixed load."""

import subprocess
import unittest
import zlib

import host_server
import mixed_load
import server_case
import tap_guest

CONFIGURATION = """\
server.modules = ("mod_proxy", "mod_dirlisting")
server.document-root = "/srv/www"
server.port = 8080
server.upload-dirs = ("/tmp")
server.max-request-size = 0
server.max-keep-alive-requests = 1000000
server.stream-request-body = 2
server.stream-response-body = 2
index-file.names = ("index.html")
dir-listing.activate = "enable"
mimetype.assign = (".html" => "text/html", "" => "application/octet-stream")
$HTTP["url"] =~ "^/behind/" {
    proxy.header = ("map-urlpath" => ("/behind/" => "/"))
    proxy.server = ("" => (("host" => "@host@", "port" => @port@)))
}
"""
PAGE = "<!DOCTYPE html><title>lighttpd</title>here\n"
BIG = server_case.pattern(64 << 20)
MODULES = "/usr/lib/lighttpd"


def fill(folder):
    (folder / "index.html").write_text(PAGE)
    (folder / "big.bin").write_bytes(BIG)
    (folder / "list").mkdir()
    for number in range(300):
        (folder / "list" / f"entry-{number}").write_text(f"{number}\n")


class Lighttpd(server_case.ServerCase):
    name, program, port = "lighttpd", "/usr/sbin/lighttpd", 8080
    arguments = ["-D", "-f", "/etc/lighttpd.conf"]
    trees = {"/srv/www": fill, MODULES: MODULES}
    memory = "256M"

    @classmethod
    def setUpClass(cls):
        cls.behind = host_server.MixedServer()
        cls.addClassCleanup(cls.behind.stop)
        configuration = CONFIGURATION.replace("@host@", tap_guest.HOST)
        cls.files = {"/etc/lighttpd.conf": configuration.replace("@port@", str(cls.behind.port))}
        super().setUpClass()

    def curl(self, path, *options):
        done = subprocess.run(["curl", "-sS", "--max-time", "100", *options,
                               f"http://{tap_guest.GUEST}:{self.port}{path}"],
                              capture_output=True, timeout=120)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_what_curl_sees(self):
        with self.start() as guest:
            self.assertEqual(self.curl("/"), PAGE.encode())
            self.assertIn("Server: lighttpd/1.4", self.curl("/", "-I").decode())
            self.assertEqual(self.curl("/none", "-w", "%{http_code}", "-o", "/dev/null"), b"404")
            self.assertEqual(self.curl("/big.bin", "-r", "1000-1999"), BIG[1000:2000])
            self.assertEqual(self.curl("/big.bin"), BIG)
            listing = self.curl("/list/").decode()
            for number in (0, 150, 299):
                self.assertIn(f'"entry-{number}"', listing)
            self.assertEqual(self.curl("/behind/big"), BIG)
            source = self.workspace.path / "body"
            source.write_bytes(BIG)
            for how in ("Expect: 100-continue", "Expect:"):
                answer = self.curl("/behind/upload", "-X", "POST", "-T", source, "-H", how)
                self.assertEqual(answer, f"{len(BIG)} {zlib.adler32(BIG)}\n".encode())
            guest.check_healthy()

    def test_a_mixed_load(self):
        expected = f"{len(BIG)} {zlib.adler32(BIG)}\n".encode()
        self.load(mixed_load.Http(self.address, big=("/big.bin", BIG), upload=(
            "/behind/upload", BIG, lambda answer: answer == expected)))  # fmt: skip


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
