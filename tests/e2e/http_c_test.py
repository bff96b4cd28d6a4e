"""The example web server, from Unikfile to answered requests, through both front doors."""

import json
import re
import signal
import subprocess
import unittest
import urllib.request

from unik import SOURCE, Workspace

EXAMPLE = SOURCE / "manifests/examples/http-c"


def fetch(port, path="/", host="localhost"):
    with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=30) as reply:
        return reply.read()


class HttpC(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("http-c")
        cls.bundle = cls.workspace.build(EXAMPLE)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def serve(self, *arguments):
        return self.workspace.guest(self.bundle, "-p", "0:8080", "--timeout", "500", *arguments)

    def check_pages(self, guest):
        port = guest.port()
        self.assertEqual(fetch(port), (EXAMPLE / "public/index.html").read_bytes())
        self.assertIn("requests", json.loads(fetch(port, "/status")))
        with self.assertRaises(urllib.error.HTTPError):
            fetch(port, "/missing")
        return port

    def test_it_serves_through_pvh_on_microvm(self):
        with self.serve() as guest:
            self.check_pages(guest)
            self.assertEqual(guest.stop(), 0)
            self.assertRegex(guest.stdout, r"\d+ requests served")

    def test_it_serves_from_the_disk(self):
        with self.serve("--boot", "disk") as guest:
            self.check_pages(guest)
            self.assertEqual(guest.stop(), 0)

    def test_ctrl_c_stops_it_and_its_exit_code_comes_through(self):
        with self.serve() as guest:
            guest.port()
            self.assertEqual(guest.stop(signal.SIGINT), 0)

    def test_curl_keeps_the_connection(self):
        with self.serve() as guest:
            url = f"http://localhost:{guest.port()}/"
            done = subprocess.run(["curl", "-sSv", url, url, url], capture_output=True, text=True,
                                  timeout=60, check=True)
            self.assertEqual(len(re.findall("Re-using existing connection", done.stderr)), 2)
            self.assertEqual(guest.stop(), 0)


if __name__ == "__main__":
    unittest.main()
