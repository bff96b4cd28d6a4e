"""Services as people write them in Go and OCaml, with dependencies from modules and Debian's packages:
built by the languages' own tools, and asked by real clients."""

import hashlib
import json
import os
import ssl
import subprocess
import threading
import unittest

from language_case import ManyClients
from name_server import HOST, NameServer, WebServer
from projects import SERVICES
from unik import DEADLINE

JSON = {"Content-Type": "application/json"}


class Services(ManyClients):
    def guest(self, name, *arguments):
        bundle = self.build_project(SERVICES / name)
        return self.workspace.guest(bundle, "-p", "0:8080", *arguments)

    def test_go_gathers_from_servers_whose_names_it_looks_up(self):
        pages = {f"/{index}": os.urandom(size)
                 for index, size in enumerate((0, 1, 1000, 65536, 3_000_000))}
        names = {"pages.test": [HOST], "twice.test": [HOST, HOST]}
        with NameServer(names) as dns, WebServer(pages) as web, self.guest(
                "go", "-e", f"NAME_SERVER={HOST}:{dns.port}") as guest:
            url = f"http://localhost:{guest.port()}"
            self.assertEqual(json.loads(self.fetch(f"{url}/names/twice.test")[1]), [HOST, HOST])
            self.assertEqual(self.fetch(f"{url}/names/unknown.test"), (404, b"no such name\n"))
            self.assertIn("unknown.test", dns.asked)
            self.assertEqual(self.fetch(f"{url}/last")[0], 500)  # a nil pointer, caught
            self.check_gathering(url, pages, web.port)
            self.assertEqual(self.fetch(f"{url}/last")[0], 200)
            self.assertEqual(self.fetch(f"{url}/gather", b"no list")[0], 400)
            self.assertEqual(guest.stop(), 0)
            self.assertIn("stopped\n", guest.stdout)
            self.assertIn("nil pointer dereference", guest.stderr + guest.stdout)

    def check_gathering(self, url, pages, port):
        wanted = [f"http://pages.test:{port}{path}" for path in pages] * 5
        wanted += [f"http://twice.test:{port}/none", f"http://unknown.test:{port}/"]
        status, body = self.fetch(f"{url}/gather", json.dumps(wanted).encode(), JSON)
        self.assertEqual(status, 201)
        found = json.loads(body)
        self.assertEqual([page["url"] for page in found], wanted)
        for page, content in zip(found, list(pages.values()) * 5):
            self.assertEqual((page["status"], page["size"], page["sha256"]),
                             (200, len(content), hashlib.sha256(content).hexdigest()), page)
        self.assertEqual(found[-2]["status"], 404)
        self.assertRegex(found[-1]["error"], "lookup unknown.test.*no such host")

    def test_go_trusts_the_authorities_that_come_along_and_no_others(self):
        tls = self.authority("pages.test")
        project = self.copy(SERVICES / "go", "trusting")
        certificate = (self.workspace.path / "certificate.pem").read_text()
        (project / "own.pem").write_text(certificate)
        for files, trusted in (("", False), ("files: [{from: own.pem, to: /etc/ssl/certs/"
                                             "ca-certificates.crt}]\n", True)):
            with open(project / "Unikfile", "a") as unikfile:
                unikfile.write(files)
            bundle = self.workspace.build(project, deadline=5 * DEADLINE)
            with NameServer({"pages.test": [HOST]}) as dns, WebServer({"/": b"x"}, tls) as web:
                with self.workspace.guest(bundle, "-p", "0:8080", "-e",
                                          f"NAME_SERVER={HOST}:{dns.port}") as guest:
                    url = f"http://localhost:{guest.port()}/gather"
                    wanted = json.dumps([f"https://pages.test:{web.port}/"]).encode()
                    page = json.loads(self.fetch(url, wanted, JSON)[1])[0]
                    self.assertEqual(guest.stop(), 0)
            self.assertEqual(page.get("status"), 200 if trusted else None, page)
            self.assertEqual("unknown authority" in page.get("error", ""), not trusted, page)
            record = json.loads((bundle / "image.json").read_text())
            self.assertIn("/etc/ssl/certs/ca-certificates.crt",
                          [file["path"] for file in record["files"]])

    def authority(self, name):
        """A server's TLS context with a certificate for the name that nobody else has signed."""
        key, certificate = (self.workspace.path / file for file in ("key.pem", "certificate.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "3650", "-subj", f"/CN={name}",
                        "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True, timeout=DEADLINE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def test_ocaml_keeps_a_ledger_while_others_wait(self):
        with self.guest("ocaml") as guest:
            url = f"http://localhost:{guest.port()}"
            self.assertEqual(self.move(url, "bank", "ada", 10), (200, {"bank": -10, "ada": 10}))
            self.assertEqual(self.move(url, "ada", "bob", 11), (409, "ada has too little"))
            self.assertEqual(self.move(url, "ada", "bob", 0), (400, "an amount is positive"))
            self.assertEqual(self.fetch(f"{url}/moves", b"{")[0], 400)
            self.assertEqual(self.fetch(f"{url}/moves", b'{"from": 1}')[0], 400)
            self.assertEqual(self.fetch(f"{url}/exercise/many")[0], 500)
            waiting = [threading.Thread(target=self.fetch, args=(f"{url}/wait/300",))
                       for _ in range(20)]
            for thread in waiting:
                thread.start()
            for _ in range(30):
                self.assertEqual(self.move(url, "bank", "bob", 1)[0], 200)
            for thread in waiting:
                thread.join()
            exercised = json.loads(self.fetch(f"{url}/exercise/500")[1])
            self.assertEqual(exercised["sum"], 500_000)
            self.assertGreater(exercised["collections"], 10)
            self.assertEqual(self.fetch(f"{url}/thread")[0], 200)
            self.assertEqual(json.loads(self.fetch(f"{url}/accounts")[1]),
                             {"ada": 10, "bank": -40, "bob": 30})
            self.assertEqual(self.fetch(f"{url}/accounts/eve")[0], 404)
            self.assertEqual(guest.stop(), 0)
            self.assertIn("stopped\n", guest.stdout)

    def move(self, url, payer, payee, amount):
        move = {"from": payer, "to": payee, "amount": amount}
        status, body = self.fetch(f"{url}/moves", json.dumps(move).encode(), JSON)
        return status, json.loads(body)


if __name__ == "__main__":
    unittest.main()
