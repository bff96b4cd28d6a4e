"""Disks behind each paravirtual controller, seen by a program as files in /dev: what it reads is what
the host put there, what it writes the host finds, and a disk that fails, is silent or goes away is
an error and never a hang."""

import re
import unittest

import disk_guest
from unik import Workspace

MICROVM = "microvm,acpi=off,rtc=on"
MIB = 1 << 20

# How each controller is attached, and what its disks are called.
CONTROLLERS = {
    "virtio-blk-pci": {"machine": "q35", "prefix": "vd", "disk": "virtio-blk-pci"},
    "virtio-blk-device": {"machine": MICROVM, "prefix": "vd", "disk": "virtio-blk-device"},
    "virtio-scsi-pci": {"machine": "pc", "prefix": "sd", "host": "virtio-scsi-pci"},
    "virtio-scsi-device": {"machine": MICROVM, "prefix": "sd", "host": "virtio-scsi-device"},
    "pvscsi": {"machine": "q35", "prefix": "sd", "host": "pvscsi"},
}
MAJORS = {"vd": 254, "sd": 8}
# One of each driver.
KINDS = ("virtio-blk-pci", "virtio-scsi-pci", "pvscsi")


def noise(size, seed):
    """Bytes that look random and are the same each time."""
    out, state = bytearray(), seed
    while len(out) < size:
        state = (state * 6364136223846793005 + 1442695040888963407) & (1 << 64) - 1
        out += state.to_bytes(8, "little")
    return bytes(out[:size])


class Disk:
    """A file as a disk: `drive` are further properties of its back end, `device` of the device."""

    def __init__(self, path, data, drive="", device=""):
        self.path, self.data, self.drive, self.device = path, data, drive, device
        path.write_bytes(data)


class Disks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("disks")
        cls.kernel = disk_guest.build(cls.workspace, ["virtio-blk", "virtio-scsi", "pvscsi"])

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def disk(self, name, data, **options):
        return Disk(self.workspace.path / name, data, **options)

    def devices(self, controller, disks):
        kind = CONTROLLERS[controller]
        words = ["-global", "virtio-mmio.force-legacy=false"] if kind["machine"] == MICROVM else []
        if "host" in kind:
            words += ["-device", f"{kind['host']},id=host"]
        for index, disk in enumerate(disks):
            words += ["-drive", f"file={disk.path},format=raw,if=none,id=drive{index},"
                                f"cache=writeback{disk.drive}"]
            device = kind.get("disk", "scsi-hd,bus=host.0")
            words += ["-device", f"{device},drive=drive{index},id=disk{index}{disk.device}"]
        return words

    def names(self, controller, count):
        prefix = CONTROLLERS[controller]["prefix"]
        return [f"/dev/{prefix}{letter}" for letter in "abcdefgh"[:count]]

    def run_guest(self, controller, disks, *words):
        return disk_guest.run(self.workspace, self.kernel, CONTROLLERS[controller]["machine"],
                              self.devices(controller, disks), *words)

    def check_reads_and_writes(self, controller):
        data = noise(MIB + 512 * 5, 1)
        large = noise(MIB, 2)
        disks = [
            self.disk("first", data),
            self.disk("second", large,
                      device=",logical_block_size=4096,physical_block_size=4096"),
            self.disk("third", data, drive=",readonly=on"),
        ]
        a, b, c = self.names(controller, 3)
        output = self.run_guest(
            controller, disks, "list", "info", a, "info", b, "info", c,
            "sum", a, 0, 2 * MIB, 100_001, "sum", a, 513, 70_000, 70_000,
            "sum", a, len(data) - 100, 1000, 7, "sum", a, len(data), 10, 10,
            "sum", b, 4095, 5000, 1, "sum", c, 0, len(data), 65536,
            "write", a, 511, 1030, 3, "write", a, len(data) - 3, 10, 4,
            "write", a, len(data), 10, 5, "flush", a, "sum", a, 0, 4096, 4096,
            "write", b, 4090, 10_000, 6, "flush", b, "open", c, "rw", "write", c, 0, 10, 0,
            "seek", a, len(data), 0, "seek", a, len(data) + 1, 0, "seek", a, -1, 2)  # fmt: skip
        prefix = CONTROLLERS[controller]["prefix"]
        major = MAJORS[prefix]

        def info(path, size, sector, read_only, minor):
            return (f"info {path}: {size} bytes, {size // 512} units, sectors {sector}/{sector}, "
                    f"read-only {read_only}, end {size}, block 1, size 0, major {major} "
                    f"minor {minor}, terminal 0, flush 0\n")

        def read(path, data, start, size, ended="ok"):
            return f"sum {path} {start}: {disk_guest.sums(data[start:start + size])}, {ended}\n"

        changed = bytearray(data)
        changed[511:511 + 1030] = disk_guest.pattern(1030, 3)
        changed[-3:] = disk_guest.pattern(3, 4)
        large_changed = bytearray(large)
        large_changed[4090:4090 + 10_000] = disk_guest.pattern(10_000, 6)
        expected = "".join([
            f"disks: {prefix}a {prefix}b {prefix}c\n",
            info(a, len(data), 512, 0, 0), info(b, len(large), 4096, 0, 16),
            info(c, len(data), 512, 1, 32),
            read(a, data, 0, len(data), "end"), read(a, data, 513, 70_000),
            read(a, data, len(data) - 100, 100, "end"), read(a, data, len(data), 0, "end"),
            read(b, large, 4095, 5000), read(c, data, 0, len(data)),
            f"write {a} 511: 1030 ok\n", f"write {a} {len(data) - 3}: 3 ok\n",
            f"write {a} {len(data)}: -1 No space left on device\n", f"flush {a}: ok\n",
            read(a, bytes(changed), 0, 4096),
            f"write {b} 4090: 10000 ok\n", f"flush {b}: ok\n",
            f"open {c}: Read-only file system\n", f"open {c}: Read-only file system\n",
            f"seek {a}: {len(data)} ok\n", f"seek {a}: -1 Invalid argument\n",
            f"seek {a}: {len(data) - 1} ok\n",
        ])  # fmt: skip
        self.assertEqual(output.strip(), expected.strip())
        self.assertEqual(disks[0].path.read_bytes(), bytes(changed))
        self.assertEqual(disks[1].path.read_bytes(), bytes(large_changed))
        self.assertEqual(disks[2].path.read_bytes(), data)

    def test_what_is_read_is_there_and_what_is_written_arrives(self):
        for controller in CONTROLLERS:
            with self.subTest(controller=controller):
                self.check_reads_and_writes(controller)

    def test_a_long_read_in_a_row_and_a_fill_to_the_end(self):
        data = bytearray(64 * MIB)
        for start in range(0, len(data), MIB):
            data[start + 777:start + 1777] = noise(1000, start)
        for controller in KINDS:
            with self.subTest(controller=controller):
                disks = [self.disk("long", data), self.disk("filled", bytes(3 * MIB))]
                a, b = self.names(controller, 2)
                output = self.run_guest(controller, disks, "sum", a, 0, len(data), MIB, "fill", b)
                self.assertIn(f"sum {a} 0: {disk_guest.sums(data)}, ok\n", output)
                self.assertIn(f"fill {b}: {3 * MIB}, No space left on device\n", output)
                self.assertEqual(disks[1].path.read_bytes(), b"\x5a" * (3 * MIB))

    def test_many_threads_read_at_once(self):
        count, size = 40, 30_000
        data = noise(count * size + 512 - count * size % 512, 3)
        for controller in KINDS:
            with self.subTest(controller=controller):
                disks = [self.disk("shared", data)]
                output = self.run_guest(controller, disks, "threads", *self.names(controller, 1),
                                        count, size)
                for i in range(count):
                    part = disk_guest.sums(data[i * size:(i + 1) * size])
                    self.assertIn(f"part {i}: {part}\n", output)

    def test_an_error_of_the_device_is_an_error_of_the_call(self):
        data = noise(MIB, 4)
        settings = self.workspace.path / "errors"
        settings.write_text("".join(
            f'[inject-error]\nevent = "{event}"\nsector = "{sector}"\nerrno = "5"\n\n'
            for event, sector in (("read_aio", 512), ("write_aio", 1024))))
        for controller in KINDS:
            with self.subTest(controller=controller):
                disk = self.disk("failing", data)
                disk.path = f"blkdebug:{settings}:{disk.path}"
                (a,) = self.names(controller, 1)
                output = self.run_guest(
                    controller, [disk], "sum", a, 0, MIB, 65536, "sum", a, 512 * 512, 512, 512,
                    "sum", a, 520 * 512, 4096, 512, "write", a, 1024 * 512, 512, 1,
                    "write", a, 1040 * 512, 512, 1, "sum", a, 1040 * 512, 512, 512)  # fmt: skip
                start = f"{512 * 512} bytes, "
                self.assertIn(f"sum {a} 0: {start}", output)
                self.assertRegex(output, f"sum {a} 0: .*, I/O error\n")
                self.assertIn(f"sum {a} {512 * 512}: 0 bytes, 1 0, I/O error\n", output)
                after = disk_guest.sums(data[520 * 512:520 * 512 + 4096])
                self.assertIn(f"sum {a} {520 * 512}: {after}, ok\n", output)
                self.assertIn(f"write {a} {1024 * 512}: -1 I/O error\n", output)
                written = disk_guest.sums(disk_guest.pattern(512, 1))
                self.assertIn(f"sum {a} {1040 * 512}: {written}, ok\n", output)
                warnings = re.findall(r"unik: warning: (.*) \[disk-error\]", output)
                self.assertLessEqual(len(warnings), 8)
                name = a.removeprefix("/dev/")
                self.assertRegex(warnings[0], f"^{name}: reading of \\d+ sectors at \\d+ failed: ")
                self.assertTrue(any(f"{name}: writing of 1 sectors at 1024 failed" in warning
                                    for warning in warnings), output)

    def test_a_disk_that_never_answers_is_given_up(self):
        data = noise(MIB, 5)
        for controller in KINDS:
            with self.subTest(controller=controller):
                disks = [self.disk("silent", data, drive=",throttling.bps-total=1"),
                         self.disk("other", data)]
                a, b = self.names(controller, 2)
                output = self.run_guest(controller, disks, "sum", a, 0, MIB, 65536,
                                        "sum", a, 0, 512, 512, "flush", a, "sum", b, 0, 512, 512)
                self.assertIn(f"sum {a} 0: 0 bytes, 1 0, I/O error\n" * 2, output)
                self.assertIn(f"flush {a}: I/O error\n", output)
                self.assertRegex(output, f"warning: {a.removeprefix('/dev/')}: the device does not "
                                         r"answer: it is given up \[disk-error\]")
                self.assertIn(f"sum {b} 0: {disk_guest.sums(data[:512])}, ok\n", output)

    def check_disappearance(self, controller, take_away):
        data = noise(MIB, 6)
        disks = [self.disk("leaving", data), self.disk("staying", data)]
        a, b = self.names(controller, 2)
        with disk_guest.DiskGuest(self.workspace, self.kernel, CONTROLLERS[controller]["machine"],
                                  self.devices(controller, disks),
                                  ["wait-for-error", a, 1000, "sum", a, 0, 512, 512,
                                   "sum", b, 0, 512, 512]) as guest:
            guest.read_until("reading\n")
            take_away(guest)
            output = guest.rest()
        self.assertIn(f"read {a}: I/O error\n", output)
        self.assertIn(f"sum {a} 0: 0 bytes, 1 0, I/O error\n", output)
        self.assertIn(f"sum {b} 0: {disk_guest.sums(data[:512])}, ok\n", output)
        self.assertIn(f"warning: {a.removeprefix('/dev/')}: reading of ", output)

    def test_a_disk_that_is_taken_away_while_in_use_gives_errors(self):
        for controller in ("virtio-scsi-pci", "pvscsi"):
            with self.subTest(controller=controller):
                self.check_disappearance(controller,
                                         lambda guest: guest.command("device_del", id="disk0"))
        with self.subTest(controller="virtio-blk-pci"):
            self.check_disappearance(
                "virtio-blk-pci",
                lambda guest: guest.command("human-monitor-command",
                                            **{"command-line": "drive_del drive0"}))

    def test_no_disk_is_no_error(self):
        output = disk_guest.run(self.workspace, self.kernel, "q35",
                                ["-device", "virtio-scsi-pci", "-device", "pvscsi"], "list",
                                "open", "/dev/sda", "r")
        self.assertEqual(output.strip(), "disks:\nopen /dev/sda: No such file or directory")


if __name__ == "__main__":
    unittest.main()
