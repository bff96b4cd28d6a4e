"""What a program wrote to a connection before its end arrives, and so does the end: the machine goes off
only afterwards, since nobody would send it again."""

import shutil
import socket
import unittest

import tap_guest
from unik import DEADLINE, SOURCE, Workspace

SIZE = 300_000


class Farewell(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("farewell")
        project = cls.workspace.path / "ends"
        project.mkdir()
        shutil.copy(SOURCE / "tests/e2e/programs/ends.c", project)
        (project / "Unikfile").write_text("name: ends\nlanguage: c\n")
        cls.bundle = cls.workspace.build(project)
        cls.listening = socket.create_server((tap_guest.HOST, 7000))
        cls.listening.settimeout(DEADLINE)

    @classmethod
    def tearDownClass(cls):
        cls.listening.close()
        with cls.workspace:
            pass

    def all_arrives(self, how):
        with tap_guest.TapGuest(self.bundle) as guest:
            client, _ = self.listening.accept()
            with client:
                client.settimeout(DEADLINE)
                client.send(how)
                received = bytearray()
                while part := client.recv(65536):
                    received += part
                self.assertEqual(len(received), SIZE)
                self.assertEqual(set(received), set(how))
            guest.process.wait(DEADLINE)

    def test_a_return(self):
        self.all_arrives(b"r")

    def test_a_connection_that_was_closed(self):
        self.all_arrives(b"c")

    def test_a_signal(self):
        self.all_arrives(b"s")

    def test_a_fault(self):
        self.all_arrives(b"f")

    def test_a_peer_that_does_not_read(self):
        """It is not waited for without end."""
        with tap_guest.TapGuest(self.bundle) as guest:
            client, _ = self.listening.accept()
            with client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.send(b"r")
                # Room for what its peer will not take lies in the guest's own buffer.
                client.settimeout(DEADLINE)
                taken = 0
                while taken < SIZE - 100_000:
                    taken += len(client.recv(4096))
                guest.process.wait(DEADLINE)


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
