"""Every combination of hardware that manifests/targets calls tested: target, firmware, machine, disk
controller, network card. Each is booted by QEMU with exactly that hardware, answers a real client,
reads the disk that it was booted from through the controller's driver, and passes an exit code.

The manifests are the rows: what they claim is booted here, and what their lists name must be in a
row, so a target can neither claim more than was seen nor list what nobody tried.
UNIK_MATRIX=qemu,aws boots the rows of these targets only."""

import contextlib
import json
import os
import re
import struct
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from unik import SOURCE, Workspace

PROGRAM = SOURCE / "tests/e2e/programs/matrix"
PORT = 8080
PIECES = ("firmware", "machine", "disk", "network")
AT_ONCE = 2  # guests; more only slow each other down under emulation


def fetch(port, path):
    with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=60) as reply:
        return reply.read().decode()


def disk_guid(raw_image):
    with open(raw_image, "rb") as file:
        header = file.read(1024)[512:]
    (signature,) = struct.unpack_from("8s", header)
    assert signature == b"EFI PART", signature
    return header[56:72].hex()


class Row:
    def __init__(self, target, combination, code):
        self.target, self.code = target, code
        self.pieces = {piece: combination[piece] for piece in PIECES}
        self.http = self.exit = "-"
        self.failure = ""

    def arguments(self):
        options = ["-t", self.target, "--machine", self.pieces["machine"],
                   "--disk-controller", self.pieces["disk"]]
        options += ["--boot", {"direct": "kernel"}.get(self.pieces["firmware"],
                                                       self.pieces["firmware"])]
        if self.pieces["network"]:
            options += ["--network-card", self.pieces["network"]]
        return options

    def boot(self, workspace, bundle, guid):
        try:
            if self.pieces["network"]:
                self.serve(workspace, bundle, guid)
            else:
                self.tell(workspace, bundle, guid)
        except Exception as problem:  # a row of the table; the rest is booted all the same
            self.failure = f"{type(problem).__name__}: {problem}"

    def serve(self, workspace, bundle, guid):
        with workspace.guest(bundle, "-p", f"0:{PORT}", *self.arguments()) as guest:
            port = guest.port()
            found = fetch(port, "/disk")
            assert found == guid, f"the disk's GUID is {found}, expected {guid}"
            self.http = "served"
            with contextlib.suppress(OSError):  # the machine may be off before the answer is out
                fetch(port, f"/exit/{self.code}")
            self.check_exit(guest.wait())
            assert guest.stdout == "", f"the firmware's words reached stdout: {guest.stdout!r}"

    def tell(self, workspace, bundle, guid):
        done = workspace.unik("run", *self.arguments(), bundle, "--", "tell", self.code)
        self.http = "no card"
        assert done.stdout == guid + "\n", f"expected {guid}\n{done.stdout}{done.stderr}"
        self.check_exit(done.returncode)

    def check_exit(self, code):
        assert code == self.code, f"exit code {code}, expected {self.code}"
        self.exit = "passed"

    def line(self):
        state = "FAILED" if self.failure else "booted"
        cells = [self.target] + [self.pieces[piece] or "-" for piece in PIECES]
        return " ".join(f"{cell:<16}" for cell in cells) + f" {state:<8} {self.http:<8} {self.exit}"


class MatrixTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("matrix")
        listed = cls.workspace.unik("targets", "--json")
        assert listed.returncode == 0, listed.stderr
        wanted = set(filter(None, os.environ.get("UNIK_MATRIX", "").split(",")))
        cls.targets = [target for target in json.loads(listed.stdout)
                       if not wanted or target["name"] in wanted]
        options = [word for target in cls.targets for word in ("-t", target["name"])]
        cls.bundle = cls.workspace.build(PROGRAM, "-t", "qemu:raw", *options)
        cls.guid = disk_guid(cls.bundle / "disk-qemu.raw")

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def test_what_the_manifests_claim_boots(self):
        rows = []
        for target in self.targets:
            for combination in target["combinations"]:
                if combination["status"] == "booted":
                    rows.append(Row(target["name"], combination, 10 + len(rows)))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(lambda row: row.boot(self.workspace, self.bundle, self.guid), rows):
                pass
        print("\n" + " ".join(f"{title:<16}" for title in ("target", *PIECES)) + " state    HTTP    "
              " exit code")
        for row in rows:
            print(row.line())
        self.assertEqual([(row.line(), row.failure) for row in rows if row.failure], [])

    def test_what_the_manifests_list_was_tried(self):
        for target in self.targets:
            tried = [c for c in target["combinations"] if c["status"] == "booted"]
            for piece, key in zip(PIECES, ("firmware", "machines", "disks", "networks")):
                names = {entry["name"] for entry in target[key]}
                with self.subTest(target=target["name"], piece=piece):
                    self.assertEqual(names - {row[piece] for row in tried}, set())

    def test_no_target_gets_hardware_that_it_does_not_have(self):
        families = {"virtio", "ahci", "nvme", "pvscsi", "vmxnet3", "e1000e", "e1000", "tulip",
                    "isa-debug-exit"}
        for target in self.targets:
            own = {entry["name"] for key in ("disks", "networks", "hardware")
                   for entry in target[key]}
            own = {family for family in families if any(name.startswith(family) for name in own)}
            for combination in target["combinations"]:
                row = Row(target["name"], combination, 0)
                done = self.workspace.unik("run", "--print-command", "--accel", "tcg",
                                           *row.arguments(), self.bundle)
                self.assertEqual(done.returncode, 0, done.stderr)
                devices = re.findall(r"-device (\S+)", done.stdout)
                given = {family for family in families
                         if any(re.match(rf"(ich9-)?{family}\b", device) for device in devices)}
                with self.subTest(row=row.line()):
                    self.assertEqual(given - own, set())


if __name__ == "__main__":
    unittest.main()
