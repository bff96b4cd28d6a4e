"""Applets of Debian's busybox-static, unmodified, through `language: binary`."""

import hashlib
import http.server
import socket
import threading
import time
import unittest

from unik import DEADLINE, Workspace

BUSYBOX = "/bin/busybox"


class Busybox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("busybox")
        project = cls.workspace.binary_project(BUSYBOX, name="busybox",
                                               files="[{from: data.bin, to: /data.bin}]")
        cls.data = bytes(range(256)) * 500
        (project / "data.bin").write_bytes(cls.data)
        cls.bundle = cls.workspace.build(project)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def applet(self, *words, status=0):
        done = self.workspace.unik("run", "-q", self.bundle, "--", *words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def test_uname(self):
        words = self.applet("uname", "-a").split()
        self.assertEqual((words[0], words[-2]), ("Linux", "x86_64"))

    def test_sha256sum(self):
        self.assertEqual(self.applet("sha256sum", "/data.bin").split()[0],
                         hashlib.sha256(self.data).hexdigest())

    def test_ls_proc(self):
        listing = self.applet("ls", "-l", "/proc")
        for name in ("cpuinfo", "meminfo", "self", "version"):
            self.assertIn(name, listing)

    def test_date(self):
        self.assertLess(abs(int(self.applet("date", "+%s")) - time.time()), 60)

    def test_dd(self):
        done = self.workspace.unik("run", "-q", self.bundle, "--", "dd", "if=/data.bin",
                                   "of=/tmp/copy", "bs=1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("128+0 records out", done.stderr)

    def test_the_root_cannot_be_written(self):
        done = self.workspace.unik("run", "-q", self.bundle, "--", "dd", "if=/data.bin", "of=/copy")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("/copy: Read-only file system", done.stderr.replace("'", ""))

    def test_od(self):
        shown = self.applet("od", "-An", "-v", "-tx1", "-N", "256", "/data.bin").split()
        self.assertEqual(bytes(int(byte, 16) for byte in shown), self.data[:256])

    def test_wc(self):
        self.assertEqual(self.applet("wc", "-c", "/data.bin").split()[0], str(len(self.data)))

    def test_exit_codes(self):
        self.applet("false", status=1)
        self.applet("true")

    def test_wget_from_a_server_on_the_host(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"from the host\n" * 1000)

            def log_message(self, *words):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            url = f"http://10.0.2.2:{server.server_port}/"
            self.assertEqual(self.applet("wget", "-q", "-O", "-", url), "from the host\n" * 1000)
        finally:
            server.shutdown()
            server.server_close()

    def test_nc_as_a_server(self):
        with self.workspace.guest(self.bundle, "-p", "0:4000",
                                  program=("nc", "-l", "-p", "4000")) as guest:
            port = guest.port()
            with socket.create_connection(("localhost", port), timeout=DEADLINE) as client:
                client.sendall(b"hello from outside\n")
                guest.wait_for("hello from outside", stream="stdout")
            self.assertEqual(guest.wait(), 0)


if __name__ == "__main__":
    unittest.main()
