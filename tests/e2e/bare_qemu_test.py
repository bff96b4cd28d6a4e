"""What unik built, booted by a QEMU that knows nothing of unik: its kernel by -kernel, its disk by
-drive, on every kind of machine. The console is the first serial port, and the machine ends by
itself: through ACPI, or by a reset on a microvm without it."""

import json
import re
import socket
import subprocess
import threading
import unittest

from unik import DEADLINE, Workspace

PROGRAM = """
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static void told(int signal) {
    printf("told to stop by signal %d\\n", signal);
    fflush(stdout);
    _exit(0);
}

int main(int argc, char **argv) {
    struct sysinfo info;
    sysinfo(&info);
    signal(SIGTERM, told);
    printf("hello from the program\\nmemory %lu KiB\\n", info.totalram / 1024);
    fflush(stdout);
    while (argc > 1 && strcmp(argv[1], "wait") == 0)
        pause();
    return 3;
}
"""


class Machine:
    """One QEMU with a serial port that is read, and QMP."""

    def __init__(self, workspace, *arguments):
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                ["qemu-system-x86_64", "-name", str(workspace.path), "-accel", "tcg", "-display",
                 "none", "-monitor", "none", "-no-reboot", "-nic", "none", "-serial", "stdio",
                 "-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon",
                 "chardev=qmp,mode=control", *map(str, arguments)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()])
        self.control = ours.makefile("rw")
        self.socket = ours
        self.output = ""
        self.killer = threading.Timer(DEADLINE, self.process.kill)
        self.killer.start()

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.killer.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.control.close()
        self.socket.close()

    def read_until(self, text):
        while text not in self.output:
            line = self.process.stdout.readline()
            assert line, f"no {text!r} in the console:\n{self.output}"
            self.output += line.decode(errors="replace").replace("\r", "")

    def command(self, name):
        self.control.write(json.dumps({"execute": name}) + "\n")
        self.control.flush()
        while "return" not in json.loads(self.control.readline()):
            pass

    def events_to_the_end(self):
        return [json.loads(line) for line in self.control]

    def run(self):
        """The console's text and the reason for which QEMU ended."""
        self.command("qmp_capabilities")
        rest = self.process.stdout.read().decode(errors="replace")
        self.output += rest.replace("\r", "")
        reasons = [event["data"]["reason"] for event in self.events_to_the_end()
                   if event.get("event") == "SHUTDOWN"]
        code = self.process.wait()
        assert reasons, f"killed at the deadline, or by itself; status {code}:\n{self.output}"
        return self.output, reasons[-1]


class BareQemu(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("bare-qemu")
        project = cls.workspace.path / "project"
        project.mkdir()
        (project / "main.c").write_text(PROGRAM)
        (project / "Unikfile").write_text("name: bare\nlanguage: c\n")
        bundle = cls.workspace.build(project)
        cls.kernel = bundle / "kernel.elf"
        cls.qcow2 = bundle / "disk-qemu.qcow2"
        cls.raw, cls.vmdk = cls.workspace.path / "disk.raw", cls.workspace.path / "disk.vmdk"
        for name, path in (("raw", cls.raw), ("vmdk", cls.vmdk)):
            subprocess.run(["qemu-img", "convert", "-O", name, cls.qcow2, path], check=True)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def check(self, *arguments, reason="guest-shutdown"):
        with self.subTest(arguments=[str(argument) for argument in arguments]):
            with Machine(self.workspace, *arguments) as machine:
                output, ended = machine.run()
            self.assertIn("hello from the program\n", output)
            self.assertEqual(ended, reason, output)
            return int(re.search(r"memory (\d+) KiB", output).group(1))
        return 0

    def test_the_kernel_boots_on_every_kind_of_machine(self):
        for machine in ("pc", "q35"):
            self.check("-machine", machine, "-kernel", self.kernel)
        self.check("-machine", "microvm", "-kernel", self.kernel)
        self.check("-machine", "microvm,acpi=off,rtc=on", "-kernel", self.kernel,
                   reason="guest-reset")

    def test_the_kernel_boots_on_the_least_and_on_the_best_cpu(self):
        for model in ("qemu64", "max"):
            self.check("-machine", "pc", "-cpu", model, "-kernel", self.kernel)

    def test_a_second_cpu_is_left_alone(self):
        for machine in ("pc", "q35"):
            self.check("-machine", machine, "-smp", "2", "-kernel", self.kernel)

    def test_small_and_large_memory_is_used(self):
        for machine in ("pc", "q35"):
            for size in (32, 3072, 5120):
                found = self.check("-machine", machine, "-m", f"{size}M", "-kernel", self.kernel)
                self.assertGreater(found, size * 1024 * 0.9 - 2048, f"{machine} with {size} MiB")

    def test_the_disk_boots_in_every_format_from_every_controller(self):
        for machine in ("pc", "q35"):
            for kind, path in (("qcow2", self.qcow2), ("raw", self.raw), ("vmdk", self.vmdk)):
                for controller in ("ide", "virtio"):
                    self.check("-machine", machine, "-drive",
                               f"file={path},format={kind},if={controller},snapshot=on")

    def test_the_disk_boots_from_scsi_and_as_the_second_disk(self):
        empty = self.workspace.path / "empty.raw"
        with open(empty, "wb") as file:
            file.truncate(1 << 20)
        self.check("-machine", "pc", "-drive", f"file={empty},format=raw,if=ide", "-drive",
                   f"file={self.qcow2},format=qcow2,if=none,id=d,snapshot=on", "-device",
                   "ide-hd,drive=d,bus=ide.1,bootindex=0")
        self.check("-machine", "q35", "-device", "virtio-scsi-pci", "-drive",
                   f"file={self.qcow2},format=qcow2,if=none,id=d,snapshot=on", "-device",
                   "scsi-hd,drive=d")

    def test_the_disk_boots_on_small_and_large_memory(self):
        for size in ("32M", "5G"):
            self.check("-machine", "pc", "-m", size, "-drive",
                       f"file={self.qcow2},format=qcow2,snapshot=on")

    def test_others_tools_find_the_disk_in_order(self):
        checked = subprocess.run(["qemu-img", "check", self.qcow2], capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""), checked.stdout)
        self.assertIn("No errors were found", checked.stdout)
        verified = subprocess.run(["sgdisk", "-v", self.raw], capture_output=True, text=True)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertIn("No problems found", verified.stdout)

    def press_the_power_button(self, *arguments):
        configuration = self.workspace.path / "configuration"
        configuration.write_bytes(b"arg=wait\0")
        with Machine(self.workspace, *arguments, "-fw_cfg",
                     f"name=opt/org.unik/configuration,file={configuration}") as machine:
            machine.read_until("hello from the program\nmemory")
            machine.command("qmp_capabilities")
            machine.command("system_powerdown")
            machine.read_until("told to stop by signal 15\n")
            reasons = [event["data"]["reason"] for event in machine.events_to_the_end()
                       if event.get("event") == "SHUTDOWN"]
            self.assertEqual(reasons, ["guest-shutdown"], machine.output)

    def test_the_power_button_stops_the_program(self):
        for machine in ("pc", "q35"):
            with self.subTest(machine=machine):
                self.press_the_power_button("-machine", machine, "-kernel", self.kernel)
        self.press_the_power_button("-machine", "q35", "-drive",
                                    f"file={self.qcow2},format=qcow2,snapshot=on")


if __name__ == "__main__":
    unittest.main()
