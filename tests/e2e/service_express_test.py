"""Express in TypeScript: packages from npm's registry as package-lock.json has them, compiled by the
project's own script, asked by clients at the same time."""

import concurrent.futures
import json
import unittest

from language_case import ManyClients
from projects import SERVICES

JSON = {"Content-Type": "application/json"}


class Express(ManyClients):
    def write_and_read(self, url, client, rounds=5):
        for turn in range(rounds):
            text = f"note {turn} of client {client}: " + "é" * 10_000
            status, body = self.fetch(f"{url}/notes", json.dumps({"text": text}).encode(), JSON)
            self.assertEqual(status, 201)
            note = json.loads(body)
            self.assertEqual(note["text"], text)
            self.assertEqual(self.fetch(f"{url}/notes/{note['id']}"), (200, body))
        return rounds

    def test_express_serves_clients_at_the_same_time(self):
        bundle = self.build_project(SERVICES / "express")
        files = (bundle / "image.json").read_text()
        self.assertIn("/app/node_modules/express/", files)
        self.assertNotIn("/app/node_modules/typescript", files)
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            url = f"http://localhost:{guest.port()}"
            self.assertEqual(self.fetch(f"{url}/files/about.txt"), (200, b"a file of the service\n"))
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                written = sum(pool.map(lambda client: self.write_and_read(url, client), range(8)))
            status, body = self.fetch(f"{url}/status")
            self.assertEqual((status, json.loads(body)["notes"]), (200, written))
            self.assertEqual(self.fetch(f"{url}/notes/0"), (404, b'{"error":"no note 0"}'))
            status, body = self.fetch(f"{url}/notes", b"{", JSON)
            self.assertEqual(status, 400, body)
            self.assertEqual(guest.stop(), 0)


if __name__ == "__main__":
    unittest.main()
