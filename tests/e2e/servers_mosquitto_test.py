"""Debian's mosquitto as its own clients see it, and under a mixed load."""

import subprocess
import unittest

import mixed_load
import server_case
import tap_guest

CONFIGURATION = """\
user root
listener 1883 0.0.0.0
allow_anonymous true
persistence true
persistence_location /data/
autosave_interval 0
max_queued_messages 0
log_dest stderr
log_type error
log_type warning
log_type notice
"""
BIG = server_case.pattern(64 << 20)


class Protocol:
    """MQTT 3.1.1 (OASIS standard, sections 2 and 3), as the mixed load has it: PING is the small
    request, a retained message the large answer, a message with an acknowledgement the upload."""

    CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP = (
        0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xC0, 0xD0)  # fmt: skip

    def __init__(self, address):
        self.address = address
        self.big = self.upload_to = True
        self.most_requests = 200

    def send(self, stream, kind, *parts):
        left, length = sum(map(len, parts)), bytearray()
        while True:
            length.append(left & 0x7f | (0x80 if left > 0x7f else 0))
            left >>= 7
            if left == 0:
                break
        stream.send(bytes([kind]) + length)
        for part in parts:
            stream.send(part)

    def take(self, stream, size):
        return b"".join(mixed_load.counted(stream, size))

    def receive(self, stream, expected):
        """The length of a packet of that kind."""
        kind, length, shift = self.take(stream, 1)[0], 0, 0
        if kind & 0xf0 != expected & 0xf0:
            raise mixed_load.LoadError(f"packet {kind:#x} instead of {expected:#x}")
        while True:
            byte = self.take(stream, 1)[0]
            length |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return length

    def text(self, value):
        return len(value).to_bytes(2, "big") + value

    def open(self, stream):
        if hasattr(stream, "open"):
            return
        stream.open = True
        self.send(stream, self.CONNECT, self.text(b"MQTT"), b"\x04\x02\x00\x00", self.text(b""))
        answer = self.take(stream, self.receive(stream, self.CONNACK))
        if answer != b"\0\0":
            raise mixed_load.LoadError(f"connection refused: {answer!r}")

    def start_small(self, stream):
        self.open(stream)
        self.send(stream, self.PINGREQ)

    def finish_small(self, stream):
        return self.take(stream, self.receive(stream, self.PINGRESP))

    def small(self, stream):
        self.start_small(stream)
        return self.finish_small(stream)

    def start_big(self, stream):
        self.open(stream)
        self.send(stream, self.SUBSCRIBE, b"\0\1", self.text(b"big"), b"\0")

    def finish_big(self, stream, most=mixed_load.MIB, pace=None):
        self.take(stream, self.receive(stream, self.SUBACK))
        left = self.receive(stream, self.PUBLISH) - len(self.text(b"big"))
        self.take(stream, len(self.text(b"big")))
        mixed_load.compare(mixed_load.counted(stream, left, most), BIG, pace)

    def publish(self, stream, topic, retained=0):
        self.open(stream)
        self.send(stream, self.PUBLISH | 2 | retained, self.text(topic), b"\0\2", BIG)
        if self.take(stream, self.receive(stream, self.PUBACK)) != b"\0\2":
            raise mixed_load.LoadError("another message was acknowledged")

    def upload(self, stream):
        self.publish(stream, b"nobody/reads")


class Subscriber:
    """mosquitto_sub, from the moment on that it has subscribed."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", "mosquitto_sub", "-h", tap_guest.GUEST, "-d", "-W", "60", *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
        for line in self.process.stdout:
            if line.startswith("Subscribed"):
                return
        raise AssertionError("mosquitto_sub has not subscribed")

    def messages(self):
        """What came, once it has ended by itself."""
        lines = self.process.stdout.read().splitlines()
        self.process.stdout.close()
        assert self.process.wait() == 0, lines
        return [line for line in lines if not line.startswith(("Client ", "Subscribed"))]


class Mosquitto(server_case.ServerCase):
    name, program, port = "mosquitto", "/usr/sbin/mosquitto", 1883
    arguments = ["-c", "/etc/mosquitto.conf"]
    files = {"/etc/mosquitto.conf": CONFIGURATION}
    keys = {"tmpfs": {"/data": "256M"}}
    memory = "1G"

    def publish(self, *options, **more):
        done = subprocess.run(["mosquitto_pub", "-h", tap_guest.GUEST, *options],
                              capture_output=True, text=True, timeout=100, **more)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_its_clients_see(self):
        with self.start() as guest:
            for quality in "012":
                with self.subTest(quality=quality):
                    subscriber = Subscriber("-t", "a/+", "-q", quality, "-C", "3")
                    for text in ("one", "two", "three"):
                        self.publish("-t", "a/b", "-q", quality, "-m", text)
                    self.assertEqual(subscriber.messages(), ["one", "two", "three"])
            self.publish("-t", "kept", "-r", "-q", "1", "-m", "for later")
            self.assertEqual(Subscriber("-t", "kept", "-C", "1").messages(), ["for later"])
            will = Subscriber("-t", "will", "-C", "1")
            with mixed_load.Stream(self.address) as stream:
                protocol = Protocol(self.address)
                protocol.send(stream, protocol.CONNECT, protocol.text(b"MQTT"), b"\x04\x06\x00\x00",
                              protocol.text(b""), protocol.text(b"will"), protocol.text(b"gone"))
                protocol.take(stream, protocol.receive(stream, protocol.CONNACK))
                stream.reset()
            self.assertEqual(will.messages(), ["gone"])
            # A session that stays gets what came while nobody listened.
            stays = ("-t", "queue", "-q", "2", "-i", "someone", "-c")
            subprocess.run(["mosquitto_sub", "-h", tap_guest.GUEST, "-E", *stays], check=True,
                           capture_output=True, timeout=100)  # fmt: skip
            self.publish("-t", "queue", "-q", "2", "-l", input="".join(
                f"{number}\n" for number in range(50)))  # fmt: skip
            self.assertEqual(Subscriber(*stays, "-C", "50").messages(),
                             [str(number) for number in range(50)])  # fmt: skip
            guest.check_healthy()

    def test_a_mixed_load(self):
        service = Protocol(self.address)

        def prepare():
            with mixed_load.Stream(self.address) as stream:
                service.publish(stream, b"big", retained=1)

        self.load(service, prepare)


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
