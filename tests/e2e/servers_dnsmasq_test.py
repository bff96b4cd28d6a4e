"""Debian's dnsmasq, answering of its own and asking another server, as dig sees it, and under a load
of questions over TCP and UDP."""

import socket
import subprocess
import unittest

import mixed_load
import server_case
import tap_guest

RECORDS = ["--host-record=one.test,192.0.2.77,2001:db8::77", "--cname=other.test,one.test",
           "--mx-host=one.test,mail.test,10", "--txt-record=one.test,some text",
           "--srv-host=_http._tcp.one.test,one.test,80,1,2"]  # fmt: skip
RECORDS += [f"--host-record=many.test,198.51.100.{number}" for number in range(1, 101)]


def question(name, kind=1):
    """RFC 1035, 4.1."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"\x12\x34\x01\x00\0\1\0\0\0\0\0\0" + labels + b"\0" + kind.to_bytes(2, "big") + b"\0\1"


class Protocol:
    """Questions over TCP (RFC 7766)."""

    most_requests = 100  # dnsmasq's TCP_MAX_QUERIES

    def __init__(self, address):
        self.address = address
        self.big = self.upload_to = None

    def start_small(self, stream):
        asked = question("one.test")
        stream.send(len(asked).to_bytes(2, "big") + asked)

    def finish_small(self, stream):
        size = int.from_bytes(b"".join(mixed_load.counted(stream, 2)), "big")
        return b"".join(mixed_load.counted(stream, size))

    def small(self, stream):
        self.start_small(stream)
        return self.finish_small(stream)


class Dnsmasq(server_case.ServerCase):
    name, program, port = "dnsmasq", "/usr/sbin/dnsmasq", 53
    # Without a process of its own for each TCP connection. That way dnsmasq 2.90 keeps the descriptor
    # of a connection that was reset before it was accepted, under Linux too, and memory is
    # not flat.
    arguments = ["--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--user=root",
                 "--pid-file=", f"--server=/asked.test/{tap_guest.HOST}", "--local=/test/", *RECORDS]  # fmt: skip

    def dig(self, *words):
        done = subprocess.run(["dig", f"@{tap_guest.GUEST}", "+time=20", "+tries=3", *words],
                              capture_output=True, text=True, timeout=100)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.split("\n")[:-1] if "+short" in words else done.stdout

    def test_what_dig_sees(self):
        other = subprocess.Popen(
            ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
             "--bind-interfaces", f"--listen-address={tap_guest.HOST}", "--user=root", "--pid-file=",
             "--log-facility=/dev/null", "--host-record=far.asked.test,192.0.2.99"])  # fmt: skip
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        with self.start() as guest:
            for way in ("+notcp", "+tcp"):
                with self.subTest(way=way):
                    self.assertEqual(self.dig(way, "+short", "one.test"), ["192.0.2.77"])
                    self.assertEqual(self.dig(way, "+short", "one.test", "AAAA"), ["2001:db8::77"])
                    self.assertEqual(self.dig(way, "+short", "other.test"),
                                     ["one.test.", "192.0.2.77"])
                    self.assertEqual(self.dig(way, "+short", "one.test", "MX"), ["10 mail.test."])
                    self.assertEqual(self.dig(way, "+short", "one.test", "TXT"), ['"some text"'])
                    self.assertEqual(self.dig(way, "+short", "-x", "192.0.2.77"), ["one.test."])
                    self.assertIn("NXDOMAIN", self.dig(way, "none.test"))
                    self.assertIn("192.0.2.99", self.dig(way, "+short", "far.asked.test"))
            # Cut off at 512 bytes, then asked again over TCP.
            self.assertEqual(len(set(self.dig("+short", "+noedns", "many.test"))), 100)
            self.assertIn(" tc", self.dig("+notcp", "+ignore", "+noedns", "many.test").split("ANSWER")[0])
            guest.check_healthy()

    def test_a_mixed_load(self):
        service = Protocol(self.address)

        def ask_over_udp():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(100)
                client.connect(self.address)
                for _ in range(500):
                    client.send(question("one.test"))
                    self.assertIn(socket.inet_aton("192.0.2.77"), client.recv(4096))

        self.load(service, ask_over_udp)


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
