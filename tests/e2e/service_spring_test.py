"""Spring Boot: libraries from Maven's registry, a runtime of the modules that they use, asked by
clients at the same time."""

import os

# A JVM that starts under software emulation on a busy machine: about 40 s of one idle CPU.
os.environ.setdefault("UNIK_TEST_DEADLINE", "900")

import concurrent.futures
import json
import unittest

from language_case import ManyClients
from projects import SERVICES

JSON = {"Content-Type": "application/json"}


class Spring(ManyClients):
    def write_and_read(self, url, client, rounds=3):
        for turn in range(rounds):
            text = f"note {turn} of client {client}: " + "é" * 10_000
            status, body = self.fetch(f"{url}/notes", json.dumps({"text": text}).encode(), JSON)
            self.assertEqual(status, 201)
            note = json.loads(body)
            self.assertEqual(note["text"], text)
            status, body = self.fetch(f"{url}/notes/{note['id']}")
            self.assertEqual((status, json.loads(body)), (200, note))
        return rounds

    def test_spring_boot_serves_clients_at_the_same_time(self):
        bundle = self.build_project(SERVICES / "spring-boot")
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            url = f"http://localhost:{guest.port()}"
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                written = sum(pool.map(lambda client: self.write_and_read(url, client), range(8)))
            status, body = self.fetch(f"{url}/status")
            self.assertEqual((status, json.loads(body)), (200, {"language": "java", "notes": written}))
            self.assertEqual(self.fetch(f"{url}/notes/0")[0], 404)
            self.assertEqual(self.fetch(f"{url}/notes", b"{", JSON)[0], 400)
            # As on Linux: a JVM that a signal ended says so by its exit status.
            self.assertEqual(guest.stop(), 143)
            self.assertIn("Started Notes", guest.stdout)


if __name__ == "__main__":
    unittest.main()
