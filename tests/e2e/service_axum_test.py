"""axum on tokio, from crates.io as Cargo.lock says: tasks on several threads, timers, bodies both ways."""

import http.client
import json
import os
import threading
import unittest

from projects import SERVICES, ProjectTest
from unik import DEADLINE

JSON = {"Content-Type": "application/json"}


class Axum(ProjectTest):
    def test_axum_keeps_notes_for_clients_that_write_at_once(self):
        bundle = self.build_project(SERVICES / "axum")
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            port = guest.port()
            url = f"http://localhost:{port}"
            # One after the other: QEMU's user network resets connections that come at once.
            connections = [self.connection(port) for _ in range(6)]
            writers = [threading.Thread(target=self.write_notes, args=(connection, f"writer-{index}"))
                       for index, connection in enumerate(connections)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            notes = json.loads(self.fetch(f"{url}/notes")[1])
            self.assertEqual(sorted(map(int, notes)), list(range(1, 6 * 20 + 1)))
            tagged = json.loads(self.fetch(f"{url}/notes?tag=writer-3")[1])
            self.assertEqual([note["title"] for note in tagged.values()],
                             [f"note {number}" for number in range(20)])
            self.assertEqual(self.fetch(f"{url}/notes/121")[0], 404)
            self.assertEqual(self.fetch(f"{url}/notes/x")[0], 400)
            self.assertEqual(self.fetch(f"{url}/notes", b'{"titel": 1}', JSON)[0], 422)
            self.assertGreaterEqual(int(self.fetch(f"{url}/wait/1000")[1]), 100)
            body = os.urandom(4_000_000)
            self.assertEqual(int(self.fetch(f"{url}/sum", body)[1]), sum(body))
            self.assertEqual(guest.stop(), 0)
            self.assertIn("stopping\n", guest.stdout)

    def connection(self, port):
        """One that has been answered."""
        connection = http.client.HTTPConnection("localhost", port, timeout=DEADLINE)
        connection.request("GET", "/notes")
        self.assertEqual(json.loads(connection.getresponse().read()), {})
        return connection

    def write_notes(self, connection, tag):
        """Twenty of them over one connection."""
        for number in range(20):
            note = {"title": f"note {number}", "tags": [tag]}
            connection.request("POST", "/notes", json.dumps(note), JSON)
            reply = connection.getresponse()
            assert reply.status == 201, reply.status
            reply.read()
        connection.close()


if __name__ == "__main__":
    unittest.main()
