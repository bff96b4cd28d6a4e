"""Every folder in manifests/examples is built, booted and used by a real client, here or in
languages_*_test.py: a new example without a test there fails."""

import json
import re
import socket
import threading
import unittest
import urllib.request
from pathlib import Path

from projects import EXAMPLES, ProjectTest
from unik import DEADLINE


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


class EveryExample(ProjectTest):
    def test_every_example_is_tested(self):
        tests = "".join(path.read_text() for path in Path(__file__).parent.glob("*_test.py"))
        for example in EXAMPLES.iterdir():
            with self.subTest(example=example.name):
                name = f"def test_{example.name.replace('-', '_')}(self"
                self.assertTrue(name in tests, f"no test has {name!r}")

    def test_init_detects_the_language_of_every_example(self):
        for example in EXAMPLES.iterdir():
            with self.subTest(example=example.name):
                written = self.copy(example) / "Unikfile"
                language = re.search(r"^language: .*$", written.read_text(), re.MULTILINE)
                written.unlink()
                done = self.workspace.unik("init", written.parent)
                self.assertEqual(done.returncode, 0, done.stderr)
                found = re.search(r"^language: .*$", written.read_text(), re.MULTILINE)
                self.assertEqual(found.group(), language.group())


class Examples(ProjectTest):
    def build(self, name):
        return self.build_project(EXAMPLES / name)

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
