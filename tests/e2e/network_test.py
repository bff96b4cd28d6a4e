"""The guest's network as clients outside see it: both protocols, both directions, both families, and
what long use leaves behind."""

import hashlib
import re
import shutil
import socket
import struct
import subprocess
import threading
import unittest
from pathlib import Path

from unik import DEADLINE, SOURCE, Workspace

MIB = 1 << 20


def connect(port, first_line=None):
    client = socket.create_connection(("localhost", port), timeout=DEADLINE)
    if first_line is not None:
        client.sendall(first_line + b"\n")
    return client


def read_all(client, block=65536):
    parts = []
    while True:
        part = client.recv(block)
        if not part:
            return b"".join(parts)
        parts.append(part)


def sum_of(data):
    """What the guest's SINK computes."""
    value = 1
    for byte in data:
        value = (value * 31 + byte) & 0xffffffff
    return value


def source_file(length):
    """The file that the guest's SOURCE sends."""
    words = (number * 2654435761 & 0xffffffff for number in range((length + 3) // 4))
    return b"".join(struct.pack("<I", word) for word in words)[:length]


def free_memory(port):
    with connect(port, b"MEMORY") as client:
        return int(read_all(client))


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("network")
        project = cls.workspace.path / "network"
        project.mkdir()
        shutil.copy(SOURCE / "tests/e2e/programs/network.c", project)
        (project / "Unikfile").write_text("name: network\nlanguage: c\n"
                                          "resources: {memory: 128M}\n")
        cls.bundle = cls.workspace.build(project)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def tcp(self, *arguments):
        return self.workspace.guest(self.bundle, "-p", "0:4000", *arguments,
                                    program=("tcp", "4000"))

    def end(self, guest):
        """There is no handler: SIGTERM ends the program."""
        self.assertEqual(guest.stop(), 128 + 15)

    def check_transfers(self, guest):
        port = guest.port()
        data = hashlib.shake_128(b"unik").digest(32 * MIB)
        with connect(port, b"SINK") as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(read_all(client), b"%d %d\n" % (len(data), sum_of(data)))
        with connect(port, b"SOURCE %d" % (32 * MIB - 5)) as client:
            self.assertTrue(read_all(client) == source_file(32 * MIB - 5), "sendfile's bytes")

    def test_large_transfers_arrive_whole_in_both_directions(self):
        with self.tcp() as guest:
            self.check_transfers(guest)
            self.end(guest)

    def test_large_transfers_over_pci_from_the_disk(self):
        with self.tcp("--boot", "disk") as guest:
            self.check_transfers(guest)
            self.end(guest)

    def test_a_slow_reader_gets_all_and_does_not_hold_up_others(self):
        with self.tcp() as guest:
            port = guest.port()
            length = 4 * MIB
            with socket.socket() as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.settimeout(DEADLINE)
                slow.connect(("localhost", port))
                slow.sendall(b"SOURCE %d\n" % length)
                start = slow.recv(1000)
                for _ in range(20):
                    with connect(port, b"ECHO") as quick:
                        quick.sendall(b"ping")
                        self.assertEqual(quick.recv(4), b"ping")
                    start += slow.recv(1000)
                self.assertTrue(start + read_all(slow) == source_file(length))
            self.end(guest)

    def test_a_half_closed_connection_still_carries_the_answer(self):
        with self.tcp() as guest:
            with connect(guest.port(), b"ECHO") as client:
                client.sendall(b"all of it")
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(read_all(client), b"all of it")
            self.end(guest)

    def test_thousands_of_short_connections_leave_no_memory_behind(self):
        with self.tcp() as guest:
            port = guest.port()

            def cycles(count):
                # Each waits for an answer: QEMU's forwarder has a queue of one connection.
                for index in range(count):
                    if index % 3 == 0: # the guest closes first
                        free_memory(port)
                        continue
                    with connect(port, b"ECHO") as client:
                        client.sendall(b"x")
                        self.assertEqual(client.recv(1), b"x")
                        if index % 3 == 1: # a reset instead of an end
                            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                              struct.pack("ii", 1, 0))

            cycles(300)
            before = free_memory(port)
            cycles(2000)
            self.assertGreater(free_memory(port), before - 256 * 1024)
            self.end(guest)

    def test_a_crowd_of_connections_at_once(self):
        with self.tcp() as guest:
            port = guest.port()
            clients = [connect(port, b"ECHO") for _ in range(100)]
            for index, client in enumerate(clients):
                client.sendall(b"%03d" % index)
            for index, client in enumerate(clients):
                self.assertEqual(client.recv(3), b"%03d" % index)
                client.close()
            self.end(guest)

    def test_several_ports_are_forwarded(self):
        with self.workspace.guest(self.bundle, "-p", "0:4000", "-p", "0:4001",
                                  program=("tcp", "4000", "4001")) as guest:
            guest.wait_for(r"ready(.|\n)*localhost:\d+(.|\n)*localhost:\d+")
            ports = set(re.findall(r"localhost:(\d+)", guest.stderr))
            self.assertEqual(len(ports), 2, guest.stderr)
            for port in ports:
                with connect(int(port), b"ECHO") as client:
                    client.sendall(b"hello")
                    self.assertEqual(client.recv(5), b"hello")
            self.end(guest)

    def test_datagrams_come_back_in_every_size(self):
        with self.workspace.guest(self.bundle, "-p", "0:4000/udp",
                                  program=("udp", "4000")) as guest:
            port = guest.port()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(DEADLINE)
                client.connect(("127.0.0.1", port))
                for size in (0, 1, 100, 1472, 1473, 4000, 9000):
                    client.send(b"u" * size)
                    self.assertEqual(len(client.recv(65536)), size)
                client.send(b"quit")
            self.assertEqual(guest.wait(), 0)

    def program(self, *words, arguments=()):
        done = self.workspace.unik("run", "-q", *arguments, self.bundle, "--", *words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_ipv6_over_loopback(self):
        self.assertEqual(self.program("loopback6"), "hello over ::1\n")

    def serve_once(self, family, address):
        server = socket.create_server((address, 0), family=family)

        def answer():
            client = server.accept()[0]
            with client, server:
                client.sendall(b"from the host, to " + client.recv(100))

        threading.Thread(target=answer, daemon=True).start()
        return str(server.getsockname()[1])

    def test_the_guest_connects_out_over_both_families(self):
        expected = "from the host, to from the guest\n"
        port = self.serve_once(socket.AF_INET, "127.0.0.1")
        self.assertEqual(self.program("out", "10.0.2.2", port), expected)
        port = self.serve_once(socket.AF_INET6, "::1")
        self.assertEqual(self.program("out", "fec0::2", port), expected)

    def test_dhcp_becomes_the_usual_files(self):
        shown = self.program("files")
        self.assertIn("host name network\n", shown)
        self.assertRegex(shown, r"(?m)^127\.0\.0\.1\s+localhost")
        self.assertRegex(shown, r"(?m)^::1\s+.*localhost")
        self.assertRegex(shown, r"(?m)^nameserver 10\.0\.2\.3$")
        self.assertIn("our address 10.0.2.15\n", shown)

    def test_a_static_address_by_the_configuration(self):
        """As another hypervisor's tools would give it: no unik takes part."""
        configuration = Path(self.workspace.path / "configuration")
        configuration.write_bytes(b"arg=files\0ip4=10.0.2.77/24,10.0.2.2,10.0.2.53\0"
                                  b"hostname=still\0")
        done = subprocess.run(
            ["qemu-system-x86_64", "-accel", "tcg", "-display", "none", "-monitor", "none",
             "-serial", "stdio", "-no-reboot", "-nodefaults", "-machine", "q35", "-kernel",
             self.bundle / "kernel.elf", "-netdev", "user,id=net0", "-device",
             "virtio-net-pci,netdev=net0", "-fw_cfg",
             f"name=opt/org.unik/configuration,file={configuration}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)
        shown = done.stdout.replace("\r", "")
        self.assertIn("host name still\n", shown)
        self.assertIn("our address 10.0.2.77\n", shown)
        self.assertRegex(shown, r"(?m)^nameserver 10\.0\.2\.53$")


if __name__ == "__main__":
    unittest.main()
