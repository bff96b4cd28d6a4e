"""Disks behind AHCI, IDE and NVMe controllers, as the machines of other hypervisors have them: what
is read and written, several of them at once, and disks that fail, fall silent or disappear."""

import json
import shutil
import unittest

import disk_guest
from disk_guest import DiskGuest, pattern, sums
from unik import Workspace

KIB = 1024
MIB = 1024 * KIB
# QEMU's pc takes PCI cards out when the guest says so (docs/specs/acpi_pci_hotplug.rst).
EJECT_PORT = "0xae08"
SLOT = 8


def content(size, seed):
    """Bytes that differ from sector to sector."""
    return b"".join((sector * 2654435761 + seed & 0xffffffff).to_bytes(4, "little") * 128
                    for sector in range((size + 511) // 512))[:size]


def ide(bus, unit=0, drive="disk0", kind="ide-hd"):
    return ["-device", f"{kind},drive={drive},bus={bus},unit={unit}"]


AHCI_CARD = ["-device", f"ich9-ahci,id=card,addr={SLOT}"]
# By what a disk is connected: the machine, its devices, and the disk's name.
CONTROLLERS = {
    "ahci": ("q35", ide("ide.0"), "sda"),
    "ahci card": ("pc", [*AHCI_CARD, *ide("card.3")], "sda"),
    "ide": ("pc", ide("ide.0"), "sda"),
    "nvme": ("q35", ["-device", "nvme,serial=unik,drive=disk0"], "nvme0n1"),
    "nvme on pc": ("pc", ["-device", f"nvme,serial=unik,drive=disk0,addr={SLOT}"], "nvme0n1"),
}


def some(*names):
    return [CONTROLLERS[name] for name in names]


class Disk:
    """A disk's content, in a file, as QEMU's drive."""

    def __init__(self, workspace, name, size, seed=1):
        self.name = name
        self.path = workspace.path / f"{name}.raw"
        self.before = content(size, seed)
        self.path.write_bytes(self.before)

    @property
    def now(self):
        return self.path.read_bytes()

    def drive(self, *layers):
        """The layers lie over the file: {"driver": …, …}, the outermost first."""
        node = {"driver": "file", "filename": str(self.path)}
        for layer in reversed([{"driver": "raw"}, *layers]):
            below = "image" if layer["driver"] == "blkdebug" else "file"
            node = {**layer, below: node}
        return ["-blockdev", json.dumps({**node, "node-name": self.name})]


class DiskDrivers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("disk-drivers")
        project = cls.workspace.path / "project"
        project.mkdir()
        shutil.copy2(disk_guest.PROGRAM, project / "main.c")
        (project / "Unikfile").write_text("name: disks\nlanguage: c\n"
                                          "components: {add: [block-files, ahci, ide, nvme]}\n")
        cls.kernel = cls.workspace.build(project) / "kernel.elf"

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def run_guest(self, machine, devices, *words, memory="64M"):
        with DiskGuest(self.workspace, self.kernel, machine, devices, words, memory) as guest:
            output = guest.rest()
        self.assertEqual(guest.process.returncode, 0, output)
        return output

    def check_sum(self, output, place, data, end):
        self.assertIn(f"sum {place}: {sums(data)}, {end}\n", output)

    def test_what_is_read_is_what_the_disk_holds(self):
        for machine, devices, name in CONTROLLERS.values():
            disk, path = Disk(self.workspace, "disk0", 1 * MIB + 512), f"/dev/{name}"
            output = self.run_guest(
                machine, disk.drive() + devices, "list", "info", path,
                "sum", path, 0, 2 * MIB, 100_000, "sum", path, 1000, 70_000, 777,
                "sum", path, 1 * MIB, 10_000, 10_000, "sum", path, 2 * MIB, 512, 512)
            self.assertIn(f"disks: {name}\n", output)
            self.assertIn(f"info {path}: {1 * MIB + 512} bytes, 2049 units, sectors 512/512, "
                          "read-only 0,", output)
            self.check_sum(output, f"{path} 0", disk.before, "end")
            self.check_sum(output, f"{path} 1000", disk.before[1000:71_000], "ok")
            self.check_sum(output, f"{path} {1 * MIB}", disk.before[1 * MIB:], "end")
            self.check_sum(output, f"{path} {2 * MIB}", b"", "end")
            self.assertNotIn("warning", output)

    def test_what_is_written_reaches_the_disk_and_nothing_else(self):
        for machine, devices, name in CONTROLLERS.values():
            disk, path = Disk(self.workspace, "disk0", 1 * MIB), f"/dev/{name}"
            output = self.run_guest(
                machine, disk.drive() + devices,
                "write", path, 0, 512, 1, "write", path, 100_001, 200_003, 2,
                "write", path, 1 * MIB - 512, 512, 3, "flush", path)
            expected = bytearray(disk.before)
            expected[:512] = pattern(512, 1)
            expected[100_001:300_004] = pattern(200_003, 2)
            expected[-512:] = pattern(512, 3)
            self.assertEqual(output.count(" ok\n"), 4, output)
            self.assertTrue(disk.now == bytes(expected), "the disk's bytes")

    def test_several_disks_and_an_empty_port_and_a_cd_behind_one_ahci_controller(self):
        disks = [Disk(self.workspace, f"disk{i}", (i + 1) * 64 * KIB, i) for i in range(3)]
        cd = Disk(self.workspace, "cd", 64 * KIB)
        devices = [*cd.drive(), *ide("ide.1", drive="cd", kind="ide-cd")]
        for disk, port in zip(disks, (0, 2, 5)):
            devices += disk.drive() + ide(f"ide.{port}", drive=disk.name)
        output = self.run_guest(
            "q35", devices, "list",
            *(word for name in "abc" for word in ("sum", f"/dev/sd{name}", 0, MIB, 30_000)),
            "write", "/dev/sdb", 0, 5000, 9, "flush", "/dev/sdb")
        self.assertIn("disks: sda sdb sdc\n", output)
        for disk, name in zip(disks, "abc"):
            self.check_sum(output, f"/dev/sd{name} 0", disk.before, "end")
        self.assertTrue(disks[1].now == pattern(5000, 9) + disks[1].before[5000:])
        self.assertTrue(disks[0].now == disks[0].before and disks[2].now == disks[2].before)
        self.assertNotIn("warning", output)

    def test_master_and_slave_on_both_ide_channels(self):
        disks = [Disk(self.workspace, f"disk{i}", (i + 1) * 64 * KIB, i) for i in range(4)]
        devices = []
        for i, disk in enumerate(disks):
            devices += disk.drive() + ide(f"ide.{i // 2}", i % 2, disk.name)
        output = self.run_guest(
            "pc", devices, "list",
            *(word for name in "abcd" for word in ("sum", f"/dev/sd{name}", 0, MIB, 30_000)),
            *(word for name in "abcd" for word in ("write", f"/dev/sd{name}", 512, 999, ord(name))))
        self.assertIn("disks: sda sdb sdc sdd\n", output)
        for disk, name in zip(disks, "abcd"):
            self.check_sum(output, f"/dev/sd{name} 0", disk.before, "end")
            self.assertTrue(disk.now == disk.before[:512] + pattern(999, ord(name)) +
                            disk.before[1511:])
        self.assertNotIn("warning", output)

    def test_a_cd_and_an_empty_place_on_ide_are_passed_over(self):
        disk, cd = Disk(self.workspace, "disk0", 64 * KIB), Disk(self.workspace, "cd", 64 * KIB)
        devices = [*cd.drive(), *ide("ide.0", 0, "cd", "ide-cd"), *disk.drive(), *ide("ide.1", 1)]
        output = self.run_guest("pc", devices, "list", "sum", "/dev/sda", 0, MIB, 4096)
        self.assertIn("disks: sda\n", output)
        self.check_sum(output, "/dev/sda 0", disk.before, "end")
        self.assertNotIn("warning", output)

    def test_nvme_namespaces_with_sectors_of_both_sizes(self):
        disks = [Disk(self.workspace, f"disk{i}", (i + 1) * 64 * KIB, i) for i in range(3)]
        devices = [word for disk in disks for word in disk.drive()]
        devices += ["-device", "nvme,serial=several,id=several",
                    "-device", "nvme-ns,bus=several,nsid=2,drive=disk0",
                    "-device", "nvme-ns,bus=several,nsid=7,drive=disk1,"
                               "logical_block_size=4096,physical_block_size=4096",
                    "-device", "nvme,serial=other,drive=disk2,max_ioqpairs=1"]
        output = self.run_guest(
            "q35", devices, "list",
            *(word for i in range(3) for word in ("info", f"/dev/nvme{i}n1",
                                                  "sum", f"/dev/nvme{i}n1", 0, MIB, 5000)),
            "write", "/dev/nvme1n1", 1, 4095, 5, "write", "/dev/nvme1n1", 10_000, 10_000, 6)
        self.assertIn("disks: nvme0n1 nvme1n1 nvme2n1\n", output)
        for i, size in enumerate((512, 4096, 512)):
            self.assertRegex(output, rf"info /dev/nvme{i}n1: .* sectors {size}/")
            self.check_sum(output, f"/dev/nvme{i}n1 0", disks[i].before, "end")
        expected = bytearray(disks[1].before)
        expected[1:4096] = pattern(4095, 5)
        expected[10_000:20_000] = pattern(10_000, 6)
        self.assertTrue(disks[1].now == bytes(expected))

    def test_an_sata_disk_with_sectors_of_4_kib(self):
        disk = Disk(self.workspace, "disk0", 256 * KIB)
        for machine, bus in (("q35", "ide.0"), ("pc", "ide.1")):
            devices = disk.drive() + ["-device", f"ide-hd,drive=disk0,bus={bus},"
                                                 "physical_block_size=4096"]
            output = self.run_guest(machine, devices, "info", "/dev/sda",
                                    "sum", "/dev/sda", 0, MIB, 4096)
            self.assertIn("sectors 512/4096", output)
            self.check_sum(output, "/dev/sda 0", disk.before, "end")

    def test_many_threads_at_once(self):
        for machine, devices, name in CONTROLLERS.values():
            disk = Disk(self.workspace, "disk0", 1 * MIB)
            output = self.run_guest(machine, disk.drive() + devices,
                                    "threads", f"/dev/{name}", 40, 25_001)
            for i in range(40):
                self.assertIn(f"part {i}: {sums(disk.before[i * 25_001:(i + 1) * 25_001])}\n",
                              output)

    def test_memory_above_4_gib_is_no_hindrance(self):
        for machine, devices, name in some("ahci", "ide", "nvme"):
            disk, path = Disk(self.workspace, "disk0", 1 * MIB), f"/dev/{name}"
            output = self.run_guest(machine, disk.drive() + devices, "sum", path, 0, MIB, 100_000,
                                    "write", path, 0, 100_000, 4, memory="5G")
            self.check_sum(output, f"{path} 0", disk.before, "ok")
            self.assertTrue(disk.now == pattern(100_000, 4) + disk.before[100_000:])

    def test_a_sector_that_cannot_be_read_is_an_error_and_its_neighbours_are_not(self):
        for machine, devices, name in CONTROLLERS.values():
            disk, path = Disk(self.workspace, "disk0", 1 * MIB), f"/dev/{name}"
            error = {"event": "none", "iotype": "read", "errno": 5, "sector": 100}
            output = self.run_guest(
                machine, disk.drive({"driver": "blkdebug", "inject-error": [error]}) + devices,
                "sum", path, 100 * 512, 512, 512, "sum", path, 64 * KIB, 4096, 4096,
                "sum", path, 0, 4096, 4096)
            self.assertIn(f"sum {path} 51200: 0 bytes, 1 0, I/O error\n", output)
            self.check_sum(output, f"{path} {64 * KIB}", disk.before[64 * KIB:68 * KIB], "ok")
            self.check_sum(output, f"{path} 0", disk.before[:4096], "ok")
            self.assertRegex(output, f"warning: {name}: reading of .* failed: .*disk-error")

    def test_a_sector_that_cannot_be_written_is_an_error(self):
        for machine, devices, name in CONTROLLERS.values():
            disk, path = Disk(self.workspace, "disk0", 1 * MIB), f"/dev/{name}"
            error = {"event": "none", "iotype": "write", "errno": 5, "sector": 100}
            output = self.run_guest(
                machine, disk.drive({"driver": "blkdebug", "inject-error": [error]}) + devices,
                "write", path, 100 * 512, 512, 1, "write", path, 0, 512, 2, "flush", path)
            self.assertIn(f"write {path} 51200: -1 I/O error\n", output)
            self.assertIn(f"write {path} 0: 512 ok\n", output)
            self.assertIn(f"flush {path}: ok\n", output)
            self.assertRegex(output, f"warning: {name}: writing of .* failed: .*disk-error")

    def test_a_controller_that_disappears_ends_in_errors(self):
        for machine, devices, name in some("ahci card", "nvme on pc"):
            disk, path = Disk(self.workspace, "disk0", 1 * MIB), f"/dev/{name}"
            output = self.run_guest(
                machine, disk.drive() + devices, "sum", path, 0, 4096, 4096,
                "port", EJECT_PORT, 1 << SLOT, "sum", path, 512 * KIB, 4096, 4096,
                "write", path, 0, 512, 1, "flush", path)
            self.check_sum(output, f"{path} 0", disk.before[:4096], "ok")
            self.assertIn(f"sum {path} {512 * KIB}: 0 bytes, 1 0, I/O error\n", output)
            self.assertIn(f"write {path} 0: -1 I/O error\n", output)
            self.assertIn(f"flush {path}: I/O error\n", output)
            self.assertEqual(output.count(f"warning: {name}: the device is gone"), 1, output)

    def test_a_medium_that_disappears_ends_in_errors(self):
        for machine, devices, name in some("ahci", "ide", "nvme"):
            disk, path = Disk(self.workspace, "disk0", 1 * MIB), f"/dev/{name}"
            drive = ["-drive", f"if=none,id=disk0,file={disk.path},format=raw"]
            with DiskGuest(self.workspace, self.kernel, machine, drive + devices,
                           ["wait-for-error", path, 4096]) as guest:
                guest.read_until("reading\n")
                guest.command("human-monitor-command", **{"command-line": "drive_del disk0"})
                output = guest.rest()
            self.assertIn(f"read {path}: I/O error\n", output)

    def test_a_disk_that_falls_silent_is_reset_and_goes_on(self):
        """Its second transfer takes longer than the driver is patient."""
        for machine, devices, name in some("ahci", "ide", "nvme"):
            disk, path = Disk(self.workspace, "disk0", 1 * MIB), f"/dev/{name}"
            slow = ["-object", "throttle-group,id=slow,x-bps-total=5000"]
            throttle = {"driver": "throttle", "throttle-group": "slow"}
            output = self.run_guest(
                machine, slow + disk.drive(throttle) + devices, "sum", path, 0, 20_480, 20_480,
                "sum", path, 200 * 512, 512, 512, "sum", path, 200 * 512, 512, 512)
            self.assertRegex(output, f"warning: {name}: the [a-z]+ did not answer and was reset")
            last = output.strip().splitlines()[-1]
            self.assertEqual(last, f"sum {path} {200 * 512}: "
                                   f"{sums(disk.before[200 * 512:201 * 512])}, ok", output)


if __name__ == "__main__":
    unittest.main()
