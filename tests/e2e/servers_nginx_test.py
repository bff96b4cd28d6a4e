"""Debian's nginx in one process, as curl and wrk see it, and under a mixed load."""

import gzip
import subprocess
import unittest

import mixed_load
import server_case
import tap_guest

CONFIGURATION = """\
daemon off;
master_process off;
user root;
pid /run/nginx.pid;
error_log stderr notice;
events { worker_connections 512; }
http {
    types { text/html html; text/plain txt; }
    default_type application/octet-stream;
    access_log off;
    sendfile on;
    keepalive_requests 1000000;
    gzip on;
    gzip_types text/plain;
    server {
        listen 8080;
        root /srv/www;
        location = /status { stub_status; }
        location = /moved { return 301 /index.html; }
        location /direct/ { alias /srv/www/; sendfile off; }
        location /threads/ { alias /srv/www/; sendfile off; aio threads; }
        location /put/ {
            root /srv/put;
            client_body_temp_path /srv/put/parts;
            client_max_body_size 100m;
            dav_methods PUT DELETE MKCOL COPY MOVE;
            create_full_put_path on;
        }
    }
}
"""
PAGE = "<!DOCTYPE html><title>nginx</title>here\n"
TEXT = "".join(f"line {number} of a text\n" for number in range(5000))
BIG = server_case.pattern(64 << 20)


def fill(folder):
    (folder / "index.html").write_text(PAGE)
    (folder / "text.txt").write_text(TEXT)
    (folder / "big.bin").write_bytes(BIG)


class Nginx(server_case.ServerCase):
    name, program, port = "nginx", "/usr/sbin/nginx", 8080
    arguments = ["-c", "/etc/nginx.conf"]
    files = {"/etc/nginx.conf": CONFIGURATION}
    trees = {"/srv/www": fill}
    keys = {"tmpfs": {"/var/lib/nginx": "1M", "/var/log/nginx": "1M", "/srv/put": "136M"}}
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
            head = self.curl("/", "-I").decode()
            self.assertIn("Server: nginx/1.22", head)
            self.assertIn(f"Content-Length: {len(PAGE)}", head)
            self.assertIn("404", self.curl("/none", "-w", "%{http_code}").decode())
            self.assertEqual(self.curl("/moved", "-L"), PAGE.encode())
            for folder in ("/", "/direct/", "/threads/"):
                self.assertEqual(self.curl(folder + "text.txt"), TEXT.encode())
                self.assertEqual(self.curl(folder + "big.bin", "-r", "1000-1999"), BIG[1000:2000])
                self.assertEqual(self.curl(folder + "big.bin", "-r", "-10"), BIG[-10:])
                self.assertEqual(self.curl(folder + "big.bin"), BIG)
            parts = self.curl("/text.txt", "-r", "0-3,100-103").decode()
            self.assertEqual(parts.count("Content-range"), 0)
            self.assertEqual(parts.count("Content-Range"), 2)
            self.assertIn("416", self.curl("/text.txt", "-r", "9999999-", "-w", "%{http_code}").decode())
            packed = self.curl("/text.txt", "-H", "Accept-Encoding: gzip")
            self.assertEqual(gzip.decompress(packed), TEXT.encode())
            tag = next(line for line in head.splitlines() if line.startswith("ETag")).split()[1]
            self.assertEqual(self.curl("/", "-H", f"If-None-Match: {tag}", "-w", "%{http_code}"), b"304")
            kept = self.curl("/", "-w", "%{num_connects}\n",
                             f"http://{tap_guest.GUEST}:{self.port}/text.txt",
                             "-w", "%{num_connects}\n").decode()  # fmt: skip
            self.assertIn("\n0\n", kept[-4:])
            guest.check_healthy()

    def test_files_that_are_put(self):
        with self.start() as guest:
            source = self.workspace.path / "put"
            source.write_bytes(BIG)
            put = ("-T", source, "-w", "%{http_code}", "-o", "/dev/null")
            self.assertEqual(self.curl("/put/a/b/one", *put), b"201")
            self.assertEqual(self.curl("/put/a/b/one", *put), b"204")
            self.assertEqual(self.curl("/put/a/b/one"), BIG)
            self.curl("/put/a/b/one", "-X", "MOVE", "-H", "Destination: /put/two")
            self.assertEqual(self.curl("/put/two", "-r", "0-99"), BIG[:100])
            self.curl("/put/two", "-X", "DELETE")
            self.assertIn(b"404", self.curl("/put/two", "-w", "%{http_code}"))
            guest.check_healthy()

    def test_many_requests(self):
        with self.start() as guest:
            done = subprocess.run(["wrk", "-t", "1", "-c", "32", "-d", "3s", "--timeout", "30s",
                                   f"http://{tap_guest.GUEST}:{self.port}/"],
                                  capture_output=True, text=True, timeout=120, check=True)  # fmt: skip
            self.assertNotIn("Socket errors", done.stdout)
            self.assertNotIn("Non-2xx", done.stdout)
            self.assertIn("requests in", done.stdout)
            guest.check_healthy()

    def test_a_mixed_load(self):
        self.load(mixed_load.Http(self.address, big=("/big.bin", BIG), method="PUT",
                                  upload=("/put/body", BIG, lambda answer: answer == b"")))


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
