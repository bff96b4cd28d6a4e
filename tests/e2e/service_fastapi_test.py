"""FastAPI under Uvicorn, from PyPI: co-routines that wait for each other, threads beside them, streams."""

import hashlib
import json
import signal
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from language_case import ManyClients
from projects import SERVICES
from unik import DEADLINE

CLIENTS = 8
ORDERS = 32
LARGE = 4 << 20
JSON = {"Content-Type": "application/json"}


class Fastapi(ManyClients):
    def add(self, order):
        status, body = self.fetch(f"{self.url}/orders", json.dumps(order).encode(), JSON)
        return status, json.loads(body)

    def check_orders(self):
        def one(number):
            order = {"customer": f"customer {number}",
                     "items": [{"name": "tea", "price": "2.50", "count": number + 1},
                               {"name": "cup", "price": "4.00", "count": 1}]}
            status, accepted = self.add(order)
            self.assertEqual((status, accepted["total"]), (201, f"{2.5 * (number + 1) + 4:.2f}"))
            status, body = self.fetch(f"{self.url}/orders/{accepted['id']}")
            self.assertEqual((status, json.loads(body)), (200, order))

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(one, range(ORDERS)))

    def check_mistakes(self):
        status, body = self.add({"customer": "a", "items": [{"name": "", "price": "-1"}]})
        self.assertEqual(status, 422)
        self.assertEqual([problem["loc"] for problem in body["detail"]],
                         [["body", "items", 0, "name"], ["body", "items", 0, "price"]])
        self.assertEqual(self.fetch(f"{self.url}/orders/none")[0], 422)
        self.assertEqual(
            self.fetch(f"{self.url}/orders/00000000-0000-0000-0000-000000000000")[0], 404)

    def check_concurrency(self):
        """Four clients wait for each other while others keep threads busy."""
        digest = json.dumps(hashlib.pbkdf2_hmac("sha256", b"orders", b"salt", 2000).hex()).encode()
        with ThreadPoolExecutor(CLIENTS) as pool:
            threads = [pool.submit(self.fetch, f"{self.url}/digest/2000") for _ in range(4)]
            waiting = [pool.submit(self.fetch, f"{self.url}/together") for _ in range(4)]
            self.assertEqual(sorted(reply.result() for reply in waiting),
                             [(200, b"%d" % i) for i in range(4)])
            for reply in threads:
                self.assertEqual(reply.result(), (200, digest))

    def check_streams(self):
        request = urllib.request.Request(f"{self.url}/size", data=b"x" * LARGE, method="PUT")
        with urllib.request.urlopen(request, timeout=DEADLINE) as reply:
            self.assertEqual(int(reply.read()), LARGE)
        self.assertEqual(self.fetch(f"{self.url}/numbers/500"),
                         (200, b"".join(b"%d\n" % i for i in range(500))))

    def test_fastapi(self):
        bundle = self.build_project(SERVICES / "fastapi")
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            self.url = f"http://localhost:{guest.port()}"
            self.check_orders()
            self.check_mistakes()
            self.check_concurrency()
            self.check_streams()
            # Uvicorn closes, then leaves the end to the signal.
            self.assertEqual(guest.stop(), 128 + signal.SIGTERM)
            self.assertEqual(guest.stdout, f"open\nclosed with {ORDERS} orders\n")


if __name__ == "__main__":
    unittest.main()
