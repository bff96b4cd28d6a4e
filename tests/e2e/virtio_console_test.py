"""The console on a virtio console: of a machine without any serial port, beside one, and before a
host that does not read."""

import socket
import subprocess
import threading
import unittest

from unik import DEADLINE, Workspace

PROGRAM = """
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    static char line[1 << 20];
    printf("hello on the console\\n");
    if (argc > 1 && strcmp(argv[1], "much") == 0) {
        memset(line, 'x', 99);
        line[99] = '\\n';
        for (int i = 0; i < 10000; ++i)
            fwrite(line, 1, 100, stdout);
        return 0;
    }
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "end\\n") != 0) {
        printf("%zu bytes: %.20s\\n", strlen(line), line);
        fflush(stdout);
    }
    fprintf(stderr, "the end\\n");
    return 0;
}
"""
# Machines without and with a serial port, and how a virtio console is attached to each.
MACHINES = {
    "microvm,acpi=off,rtc=on,isa-serial=off": ["-global", "virtio-mmio.force-legacy=false",
                                               "-device", "virtio-serial-device"],
    "q35": ["-device", "virtio-serial-pci"],
    "pc": ["-device", "virtio-serial-pci"],
}  # fmt: skip


class VirtioConsole(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("virtio-console")
        project = cls.workspace.path / "project"
        project.mkdir()
        (project / "main.c").write_text(PROGRAM)
        (project / "Unikfile").write_text(
            "name: talk\nlanguage: c\ncomponents: {add: [virtio-console]}\n")
        cls.kernel = cls.workspace.build(project) / "kernel.elf"

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def start(self, machine, console, *arguments, words=(), descriptors=()):
        """QEMU with this back end of its virtio console."""
        if words:
            configuration = self.workspace.path / "configuration"
            configuration.write_bytes(b"".join(f"arg={word}".encode() + b"\0" for word in words))
            arguments = (*arguments, "-fw_cfg",
                         f"name=opt/org.unik/configuration,file={configuration}")
        process = subprocess.Popen(
            [str(word) for word in [
                "qemu-system-x86_64", "-name", self.workspace.path, "-accel", "tcg", "-machine",
                machine, "-m", "64M", "-nodefaults", "-display", "none", "-no-reboot", "-kernel",
                self.kernel, *MACHINES[machine],
                "-chardev", f"{console},id=console",
                "-device", "virtconsole,chardev=console", *arguments]],
            stdin=subprocess.DEVNULL, pass_fds=descriptors)
        self.addCleanup(process.kill)
        return process

    def talk(self, machine, said, *arguments, words=()):
        """What the guest wrote until QEMU ended, which was told `said`."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                process = self.start(machine, f"socket,fd={theirs.fileno()}", *arguments,
                                     words=words, descriptors=[theirs.fileno()])
            ours.settimeout(DEADLINE)
            speaker = threading.Thread(target=ours.sendall, args=(said,), daemon=True)
            speaker.start()
            output = b""
            while piece := ours.recv(1 << 16):
                output += piece
            speaker.join()
            self.assertEqual(process.wait(DEADLINE), 0)
        return output.decode().replace("\r", "")

    def test_a_machine_without_a_serial_port_talks_and_listens(self):
        for machine in MACHINES:
            with self.subTest(machine=machine):
                output = self.talk(machine, b"one\n" + b"y" * 100_000 + b"\ntwo\nend\n")
                self.assertEqual(output, "hello on the console\n4 bytes: one\n\n"
                                         f"100001 bytes: {'y' * 20}\n4 bytes: two\n\nthe end\n")

    def test_much_output_arrives_whole(self):
        # Into a file: what a socket does not take at once, QEMU drops.
        path = self.workspace.path / "output"
        self.assertEqual(self.start("q35", f"file,path={path}", words=["much"]).wait(DEADLINE), 0)
        output = path.read_text().replace("\r", "")
        self.assertEqual(output, "hello on the console\n" + 10_000 * ("x" * 99 + "\n"))

    def test_both_the_serial_port_and_the_virtio_console_show_all(self):
        serial = self.workspace.path / "serial"
        output = self.talk("q35", b"one\nend\n", "-serial", f"file:{serial}")
        expected = "hello on the console\n4 bytes: one\n\nthe end\n"
        self.assertEqual(output, expected)
        self.assertEqual(serial.read_text().replace("\r", ""), expected)

    def test_a_host_that_does_not_read_hangs_nothing(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = self.start("q35", f"socket,fd={theirs.fileno()}", words=["much"],
                                 descriptors=[theirs.fileno()])
            self.assertEqual(process.wait(DEADLINE), 0)


if __name__ == "__main__":
    unittest.main()
