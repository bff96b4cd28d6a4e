"""Each network card, on both of QEMU's PC machines: served through it, with and without link, and
under a flood of garbage. QEMU is driven by hand, since `unik run` offers no such card."""

import hashlib
import http.client
import json
import random
import re
import shutil
import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

from unik import DEADLINE, SOURCE, Workspace

MIB = 1 << 20
MACHINES = ("pc", "q35")
FRAME_SIZES = (1, 13, 14, 60, 300, 1514, 1515, 2000, 9000)
EXAMPLE = SOURCE / "manifests/examples/http-c"
COMPONENTS = "virtio-pci, virtio-net, e1000, vmxnet3, tulip"
BODY = hashlib.shake_128(b"unik").digest(MIB)


class Machine:
    """QEMU with one network card behind a hub: its user network, and a socket for raw frames."""

    def __init__(self, workspace, kernel, machine, card, *arguments, program, memory="128M",
                 settings=()):
        self.folder = Path(workspace.path) / f"machine-{time.monotonic_ns()}"
        self.folder.mkdir()
        configuration = self.folder / "configuration"
        words = [*settings, "console=split", *(f"arg={word}" for word in program)]
        configuration.write_bytes(b"".join(word.encode() + b"\0" for word in words))
        self.frames = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.frames.settimeout(DEADLINE)
        self.frames.bind(str(self.folder / "host"))
        command = [
            "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-machine", machine,
            "-m", memory, "-display", "none", "-nodefaults", "-no-reboot",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
            "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off",
            "-serial", f"file:{self.folder}/console", "-serial", f"file:{self.folder}/control",
            "-fw_cfg", f"name=opt/org.unik/configuration,file={configuration}",
            "-kernel", kernel, "-netdev", "user,id=user,hostfwd=tcp:127.0.0.1:0-:4000",
            "-netdev", f"dgram,id=raw,local.type=unix,local.path={self.folder}/card,"
                       f"remote.type=unix,remote.path={self.folder}/host",
            "-netdev", "hubport,id=hub-user,hubid=0,netdev=user",
            "-netdev", "hubport,id=hub-raw,hubid=0,netdev=raw",
            "-netdev", "hubport,id=net0,hubid=0",
            "-device", f"{card},netdev=net0,id=card", *arguments,
        ]  # fmt: skip
        self.errors = open(self.folder / "errors", "wb")
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=self.errors, stderr=self.errors)
        self.qmp = socket.socket(socket.AF_UNIX)
        self.qmp.settimeout(DEADLINE)
        self.answers = self.qmp.makefile()
        try:
            self.wait_until(self.connect_to_qmp, "no QMP socket")
            self.answers.readline()
            self.ask("qmp_capabilities")
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def connect_to_qmp(self):
        return self.qmp.connect_ex(str(self.folder / "qmp")) == 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.kill()
        self.process.wait()
        self.qmp.close()
        self.answers.close()
        self.frames.close()
        self.errors.close()
        if kind is not None:
            for name in ("console", "control", "errors"):
                print(f"--- {name}\n{self.text(name)}")

    def text(self, name):
        path = self.folder / name
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_until(self, condition, message):
        end = time.monotonic() + DEADLINE
        while not condition():
            assert self.process.poll() is None, f"QEMU ended: {self.text('errors')}"
            assert time.monotonic() < end, message
            time.sleep(0.02)

    def ask(self, command, **arguments):
        self.qmp.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            answer = json.loads(self.answers.readline())
            if "event" not in answer:
                assert "return" in answer, answer
                return answer["return"]

    def set_link(self, up):
        self.ask("set_link", name="card", up=up)

    def mac(self):
        return bytes.fromhex("525400123456") # QEMU's usual one

    def send_frame(self, frame):
        self.frames.sendto(frame, str(self.folder / "card"))

    def frames_seen(self):
        """The frames that passed the hub since the last time; it keeps no more than a few."""
        seen = []
        self.frames.setblocking(False)
        try:
            while True:
                seen.append(self.frames.recv(65536))
        except BlockingIOError:
            return seen
        finally:
            self.frames.settimeout(DEADLINE)

    def port(self):
        shown = self.ask("human-monitor-command", **{"command-line": "info usernet"})
        return int(re.search(r"HOST_FORWARD\S*\s+\d+\s+127\.0\.0\.1\s+(\d+)", shown).group(1))

    def events(self, name):
        lines = self.text("control").splitlines()
        return [json.loads(line) for line in lines
                if line.endswith("}") and json.loads(line)["event"] == name]

    def warnings(self):
        return [event["id"] for event in self.events("warning")]

    def wait_for_event(self, name, count=1):
        self.wait_until(lambda: len(self.events(name)) >= count, f"no event {name}")

    def connect(self, first_line):
        client = socket.create_connection(("127.0.0.1", self.port()), timeout=DEADLINE)
        client.sendall(first_line + b"\n")
        return client

    def echo(self, data):
        with self.connect(b"ECHO") as client:
            sender = threading.Thread(target=client.sendall, args=(data,))
            sender.start()
            answer = b""
            while len(answer) < len(data):
                part = client.recv(65536)
                if not part:
                    break
                answer += part
            sender.join()
            return answer


class Cards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("cards")
        network = cls.workspace.path / "network"
        network.mkdir()
        shutil.copy(SOURCE / "tests/e2e/programs/network.c", network)
        (network / "Unikfile").write_text("name: network\nlanguage: c\n")
        cls.network = cls.build(network)
        web = cls.workspace.path / "web"
        shutil.copytree(EXAMPLE, web)
        cls.web = cls.build(web)

    @classmethod
    def build(cls, project):
        with open(project / "Unikfile", "a") as file:
            file.write(f"components: {{add: [{COMPONENTS}]}}\n")
        kernel = cls.workspace.path / f"{project.name}.elf"
        shutil.copy(cls.workspace.build(project) / "kernel.elf", kernel)
        return kernel

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def machine(self, machine, card, *arguments, **options):
        return Machine(self.workspace, self.network, machine, card, *arguments,
                       program=("tcp", "4000"), **options)

    def check_service(self, machine):
        machine.wait_for_event("network")
        machine.wait_for_event("listen")
        self.assertTrue(machine.echo(BODY) == BODY, "the body came back changed")
        for index in range(50):
            self.assertEqual(machine.echo(b"%d" % index), b"%d" % index)

    def check_web(self, machine):
        machine.wait_for_event("network")
        machine.wait_for_event("listen")
        page = (EXAMPLE / "public/index.html").read_bytes()
        connection = http.client.HTTPConnection("127.0.0.1", machine.port(), timeout=DEADLINE)
        for _ in range(300):
            connection.request("GET", "/")
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, page))
        connection.close()

    def check_card(self, card, *arguments, **options):
        for name in MACHINES:
            with self.subTest(machine=name):
                with self.machine(name, card, *arguments, **options) as machine:
                    self.check_service(machine)
                    self.assertEqual(machine.warnings(), [])
                with Machine(self.workspace, self.web, name, card, *arguments,
                             program=("4000", "/srv/www"), **options) as machine:
                    self.check_web(machine)
                    self.assertEqual(machine.warnings(), [])

    def test_virtio_without_msix(self):
        self.check_card("virtio-net-pci,vectors=0")

    def test_virtio_with_a_single_vector(self):
        self.check_card("virtio-net-pci,vectors=1")

    def test_e1000(self):
        self.check_card("e1000")

    def test_e1000_82544(self):
        self.check_card("e1000-82544gc")

    def test_e1000_82545(self):
        self.check_card("e1000-82545em")

    def test_e1000e(self):
        self.check_card("e1000e")

    def test_vmxnet3(self):
        self.check_card("vmxnet3")

    def test_tulip(self):
        self.check_card("tulip")

    def test_tulip_reaches_its_buffers_on_a_machine_with_memory_above_4_gib(self):
        self.check_card("tulip", memory="5G")

    def test_an_answer_carries_the_acknowledgement_of_its_question(self):
        with self.machine("q35", "virtio-net-pci") as machine:
            machine.wait_for_event("network")
            machine.wait_for_event("listen")
            with machine.connect(b"ECHO") as client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.sendall(b"first")
                self.assertEqual(client.recv(100), b"first")
                machine.frames_seen()
                seen = []
                for index in range(100):
                    client.sendall(b"%03d" % index)
                    self.assertEqual(client.recv(100), b"%03d" % index)
                    seen += machine.frames_seen()
                sent = [frame for frame in seen
                        if frame[6:12] == machine.mac() and frame[23:24] == b"\x06"]
                self.assertLess(len(sent), 120)
                self.assertGreaterEqual(len(sent), 100)

    def check_link(self, card, reason):
        with self.machine("q35", card, "-S") as machine:
            machine.set_link(False)
            machine.ask("cont")
            machine.wait_for_event("listen")
            self.assertEqual(machine.events("network"), [])
            warnings = machine.events("warning")
            self.assertEqual([event["id"] for event in warnings], ["no-address"])
            self.assertIn("en0", warnings[0]["message"])
            self.assertIn(reason, warnings[0]["message"])
            machine.set_link(True)
            self.check_service(machine)
            for _ in range(3):
                machine.set_link(False)
                machine.set_link(True)
            self.assertTrue(machine.echo(BODY) == BODY)
            self.assertEqual(len(machine.warnings()), 1)

    def test_link_of_virtio(self):
        self.check_link("virtio-net-pci", "the link is down")

    def test_link_of_virtio_without_msix(self):
        self.check_link("virtio-net-pci,vectors=0", "the link is down")

    def test_link_of_e1000(self):
        self.check_link("e1000", "the link is down")

    def test_link_of_e1000e(self):
        self.check_link("e1000e", "the link is down")

    def test_link_of_vmxnet3(self):
        self.check_link("vmxnet3", "the link is down")

    def test_link_of_tulip(self):
        """QEMU's card shows its PHY's link up whatever is set."""
        self.check_link("tulip", "no answer from a DHCP server")

    def check_flood(self, card, sizes=FRAME_SIZES):
        noise = random.Random(card)
        with self.machine("q35", card) as machine:
            machine.wait_for_event("listen")
            for round_number in range(20):
                for _ in range(200):
                    frame = bytearray(noise.randbytes(noise.choice(sizes)))
                    kind = noise.randrange(4)
                    if kind > 0:
                        frame[:6] = b"\xff" * 6 if kind == 1 else machine.mac()
                    if kind == 3: # IPv4 with a random rest
                        frame[12:15] = b"\x08\x00\x45"
                    machine.send_frame(bytes(frame))
                text = b"%d" % round_number
                self.assertEqual(machine.echo(text), text)
            self.check_service(machine)
            self.assertEqual(machine.warnings(), [])

    def test_a_flood_of_garbage_over_virtio(self):
        self.check_flood("virtio-net-pci")

    def test_a_flood_of_garbage_over_e1000(self):
        self.check_flood("e1000")

    def test_a_flood_of_garbage_over_e1000e(self):
        self.check_flood("e1000e")

    def test_a_flood_of_garbage_over_vmxnet3(self):
        self.check_flood("vmxnet3")

    def test_a_flood_of_garbage_over_tulip(self):
        """Frames of other sizes stop QEMU's card for good."""
        self.check_flood("tulip", sizes=(14, 60, 300, 1514))


if __name__ == "__main__":
    unittest.main()
