"""Flask under Waitress's threads, from PyPI: concurrent clients, a database on tmpfs, large bodies, and
clients that break off."""

import hashlib
import json
import socket
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from language_case import ManyClients
from projects import SERVICES
from unik import DEADLINE

CLIENTS = 8
NOTES = 64
LARGE = 4 << 20
JSON = {"Content-Type": "application/json"}


class Flask(ManyClients):
    def add(self, number):
        status, body = self.fetch(f"{self.url}/notes", json.dumps({"text": f"note <{number}>"}).encode(),
                                  JSON)
        self.assertEqual(status, 201, body)
        return json.loads(body)["id"]

    def check_notes(self):
        with ThreadPoolExecutor(CLIENTS) as pool:
            identities = list(pool.map(self.add, range(NOTES)))
            self.assertEqual(sorted(identities), list(range(1, NOTES + 1)))
            found = pool.map(lambda i: self.fetch(f"{self.url}/notes/{i}"), identities)
            for number, (identity, (status, body)) in enumerate(zip(identities, found)):
                self.assertEqual((status, json.loads(body)),
                                 (200, {"id": identity, "text": f"note <{number}>"}))
        status, page = self.fetch(f"{self.url}/notes")
        self.assertEqual(status, 200)
        self.assertIn(f"<title>{NOTES} notes</title>", page.decode())
        self.assertIn("note &lt;7&gt;</li>", page.decode())

    def check_mistakes(self):
        self.assertEqual(self.fetch(f"{self.url}/notes/1000")[0], 404)
        self.assertEqual(self.fetch(f"{self.url}/notes", b"{", JSON)[0], 400)
        self.assertEqual(self.fetch(f"{self.url}/notes", b"[]", JSON)[0], 400)

    def check_session(self):
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        for visit in range(1, 4):
            with opener.open(f"{self.url}/visits", timeout=DEADLINE) as reply:
                self.assertEqual(json.load(reply), {"visits": visit})

    def check_large_bodies(self):
        def send(number):
            body = bytes([number]) * LARGE
            request = urllib.request.Request(f"{self.url}/digest", data=body, method="PUT")
            with urllib.request.urlopen(request, timeout=DEADLINE) as reply:
                self.assertEqual(reply.read().decode(), hashlib.sha256(body).hexdigest())

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(send, range(2)))
        status, body = self.fetch(f"{self.url}/blocks/{LARGE // 65536}")
        self.assertEqual(status, 200)
        self.assertTrue(body == b"".join(bytes([i % 256]) * 65536 for i in range(LARGE // 65536)))

    def check_broken_off(self, port):
        """Clients that leave in the middle of a request or of a reply: the others are still served."""
        for text in (b"PUT /digest HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhalf",
                     b"GET /blocks/200 HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /not"):
            with socket.create_connection(("localhost", port), timeout=DEADLINE) as connection:
                connection.sendall(text)
            self.assertEqual(self.fetch(f"{self.url}/notes/1")[0], 200)

    def test_flask(self):
        bundle = self.build_project(SERVICES / "flask")
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            port = guest.port()
            self.url = f"http://localhost:{port}"
            self.check_notes()
            self.check_mistakes()
            self.check_session()
            self.check_large_bodies()
            self.check_broken_off(port)
            self.assertEqual(guest.stop(), 0)
            self.assertEqual(guest.stdout, "serving on port 8080\nstopped\n")


if __name__ == "__main__":
    unittest.main()
