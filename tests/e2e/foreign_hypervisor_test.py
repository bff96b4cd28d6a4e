"""Firecracker and Cloud Hypervisor cannot be installed here: programs that pretend to be them check
what unik tells them, and speak as the guest does on their only serial port. Nobody has seen the real
ones boot an image, which is what `unik targets` says."""

import json
import signal
import stat
import unittest

from unik import Workspace

PROGRAM = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'

# What a guest writes: its console, and events behind a record separator.
PRETENDER = r'''#!/usr/bin/env python3
import json, os, signal, sys
with open(os.environ["UNIK_FAKE_RECORD"], "w") as file:
    record = {"arguments": sys.argv[1:]}
    if "--config-file" in sys.argv:
        path = sys.argv[sys.argv.index("--config-file") + 1]
        record["mode"] = os.stat(path).st_mode & 0o777
        record["configuration"] = json.load(open(path))
    json.dump(record, file)
def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()
say('hello\n\x1e{"event":"boot","us":1}\nwor')
if os.environ.get("UNIK_FAKE_HANGS"):
    say('\x1e{"event":"warning","id":"hanging","message":"now"}\n')
    signal.pause()
say('\x1e{"event":"exit","code":42,"us":9}\nld\n')
'''


class ForeignHypervisors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("foreign")
        project = cls.workspace.path / "project"
        project.mkdir()
        (project / "main.c").write_text(PROGRAM)
        (project / "Unikfile").write_text("name: app\nlanguage: c\n"
                                          "targets: [firecracker, cloud-hypervisor]\n")
        cls.bundle = cls.workspace.build(project)
        cls.record = cls.workspace.path / "record.json"
        cls.tools = cls.workspace.path / "tools"
        cls.tools.mkdir()
        for name in ("firecracker", "cloud-hypervisor"):
            program = cls.tools / name
            program.write_text(PRETENDER)
            program.chmod(program.stat().st_mode | stat.S_IXUSR)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def environment(self, **more):
        path = f"{self.tools}:{self.workspace.environment['PATH']}"
        return dict(PATH=path, UNIK_FAKE_RECORD=str(self.record), **more)

    def run_on(self, target, *arguments, program=()):
        words = ["run", "-t", target, *arguments, self.bundle]
        if program:
            words += ["--", *program]
        return self.workspace.unik(*words, environment=self.environment())

    def test_firecracker_is_given_a_private_file_and_its_guest_is_heard(self):
        done = self.run_on("firecracker", "-m", "33M", "-e", "TOKEN=hush hush", "--tap", "tap7",
                           program=["one two", "three"])
        self.assertEqual((done.returncode, done.stdout), (42, "hello\nworld\n"), done.stderr)
        record = json.loads(self.record.read_text())
        self.assertEqual(record["mode"], 0o600)
        self.assertNotIn("hush", str(record["arguments"]))
        configuration = record["configuration"]
        source = configuration["boot-source"]
        self.assertEqual(source["kernel_image_path"], str(self.bundle / "kernel.elf"))
        self.assertEqual(source["boot_args"], 'unik.console=inline unik.arg="one two" '
                         'unik.arg="three" unik.env="TOKEN=hush hush"')
        self.assertEqual(configuration["drives"][0]["path_on_host"],
                         str(self.bundle / "disk-firecracker.raw"))
        self.assertTrue(configuration["drives"][0]["is_read_only"])
        self.assertEqual(configuration["machine-config"], {"vcpu_count": 1, "mem_size_mib": 33})
        self.assertEqual(configuration["network-interfaces"],
                         [{"iface_id": "net0", "host_dev_name": "tap7"}])

    def test_cloud_hypervisor_is_given_arguments_without_secrets(self):
        done = self.run_on("cloud-hypervisor", "-m", "64M")
        self.assertEqual((done.returncode, done.stdout), (42, "hello\nworld\n"), done.stderr)
        self.assertIn("without network", done.stderr)
        words = json.loads(self.record.read_text())["arguments"]
        given = dict(zip(words[::2], words[1::2]))
        self.assertEqual(given, {
            "--kernel": str(self.bundle / "kernel.elf"),
            "--disk": f"path={self.bundle / 'disk-cloud-hypervisor.raw'},readonly=on",
            "--cpus": "boot=1", "--memory": "size=64M", "--serial": "tty", "--console": "off",
            "--cmdline": "unik.console=inline"})
        refused = self.run_on("cloud-hypervisor", "-e", "TOKEN=hush")
        self.assertEqual(refused.returncode, 2)
        self.assertNotIn("hush", refused.stderr)

    def test_a_request_to_stop_ends_the_machine(self):
        with self.workspace.guest(self.bundle, "-t", "firecracker",
                                  environment=self.environment(UNIK_FAKE_HANGS="1")) as guest:
            guest.wait_for("now")
            self.assertEqual(guest.stop(signal.SIGINT), 128 + signal.SIGINT)

    def test_what_does_not_go_is_refused(self):
        for arguments in (["-p", "0:80"], ["--qemu-arg=-s"], ["-e", 'A=with "quotes"']):
            done = self.run_on("firecracker", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("unsupported-option", done.stderr)

    def test_a_hypervisor_that_is_not_installed_is_named_and_its_command_printed(self):
        for name in ("firecracker", "cloud-hypervisor"):
            missing = self.workspace.unik("run", "-t", name, self.bundle)
            self.assertEqual(missing.returncode, 3, missing.stderr)
            self.assertIn(f"'{name}' is not installed", missing.stderr)
            shown = self.workspace.unik("run", "-t", name, "--print-command", self.bundle)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertTrue(shown.stdout.startswith(name + " "), shown.stdout)
            self.assertEqual(shown.stderr, "")
            self.assertIn("kernel.elf", shown.stdout)

    def test_qemu_stands_in_when_its_machine_is_named(self):
        done = self.workspace.unik("run", "-t", "firecracker", "--machine", "microvm", self.bundle)
        self.assertEqual((done.returncode, done.stdout), (0, "hello\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
