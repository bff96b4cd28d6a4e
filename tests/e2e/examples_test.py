"""Every folder in manifests/examples is built, booted and used by a real client: a new example
without a test here fails."""

import json
import shutil
import socket
import threading
import unittest
import urllib.request

from unik import DEADLINE, SOURCE, Workspace

EXAMPLES = SOURCE / "manifests/examples"


class Conversation:
    """A client of the key-value server."""

    def __init__(self, port):
        self.socket = socket.create_connection(("localhost", port), timeout=DEADLINE)
        self.replies = self.socket.makefile("r")

    def ask(self, line):
        self.socket.sendall(line.encode() + b"\n")
        return self.replies.readline().rstrip("\n")

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.replies.close()
        self.socket.close()


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("examples")

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def build(self, name):
        """Built from a copy: a Makefile puts its results beside the sources."""
        project = self.workspace.path / name
        shutil.copytree(EXAMPLES / name, project, ignore=shutil.ignore_patterns("*.unik"))
        bundle = self.workspace.path / f"{name}.unik"
        done = self.workspace.unik("build", "-q", "-o", bundle, project)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return bundle

    def test_every_example_is_tested(self):
        for example in EXAMPLES.iterdir():
            with self.subTest(example=example.name):
                self.assertTrue(hasattr(self, "test_" + example.name.replace("-", "_")))

    def test_http_c(self):
        with self.workspace.guest(self.build("http-c"), "-p", "0:8080") as guest:
            url = f"http://localhost:{guest.port()}/status"
            with urllib.request.urlopen(url, timeout=DEADLINE) as reply:
                self.assertEqual(json.load(reply)["requests"], 1)
            self.assertEqual(guest.stop(), 0)

    def test_hello_make(self):
        bundle = self.build("hello-make")
        done = self.workspace.unik("run", "-q", bundle)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "hello, world\n", ""))
        done = self.workspace.unik("run", "-q", bundle, "--", "you", "and you")
        self.assertEqual((done.returncode, done.stdout), (0, "hello, you\nhello, and you\n"))

    def check_answers(self, port):
        with Conversation(port) as client:
            for line, reply in (("SET colour dark red", "OK"), ("GET colour", "dark red"),
                                ("GET shape", "ERROR no such key: shape"),
                                ("ADD colour 1", "ERROR not a number: dark red"),
                                ("ADD count 99999999999999999999",
                                 "ERROR not a number: 99999999999999999999"),
                                ("PAINT wall", "ERROR no such command: PAINT"),
                                ("", "ERROR a word is missing"), ("DEL colour", "OK"),
                                ("COUNT", "0")):
                self.assertEqual(client.ask(line), reply)

    def check_that_clients_do_not_lose_each_others_work(self, port, clients=8, rounds=100):
        def count(index):
            with Conversation(port) as client:
                for turn in range(rounds):
                    assert not client.ask("ADD total 1").startswith("ERROR")
                    assert client.ask(f"SET {index}-{turn % 10} {'x' * 200}") == "OK"

        threads = [threading.Thread(target=count, args=(index,)) for index in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with Conversation(port) as client:
            self.assertEqual(client.ask("GET total"), str(clients * rounds))
            self.assertEqual(client.ask("COUNT"), str(clients * 10 + 1))

    def test_threads_cpp(self):
        bundle = self.build("threads-cpp")
        with self.workspace.guest(bundle, "-p", "0:7070") as guest:
            port = guest.port()
            guest.wait_for("serving with 4 threads", stream="stdout")
            self.check_answers(port)
            self.check_that_clients_do_not_lose_each_others_work(port)
            self.assertEqual(guest.stop(), 0)
            self.assertIn("10 conversations\n81 keys left\n", guest.stdout)
        refused = self.workspace.unik("run", "-q", bundle, "--", "7070", "many")
        self.assertEqual((refused.returncode, refused.stderr), (1, "key-value-server: not a number: many\n"))


if __name__ == "__main__":
    unittest.main()
