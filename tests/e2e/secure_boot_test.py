"""Secure Boot: signatures that sbverify takes, keys that firmware takes, and an OVMF that enforces
them: unsigned, altered and wrongly signed kernels do not start."""

import os
import re
import shutil
import signal
import subprocess
import threading
import unittest

from unik import DEADLINE, Workspace

FIRMWARE = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"
EXTERNAL = "/usr/lib/efitools/x86_64-linux-gnu/HelloWorld.efi"
PROGRAM = '#include <stdio.h>\nint main(void) { puts("started under Secure Boot"); return 0; }\n'
STARTED = "started under Secure Boot"
REFUSED = r"Access Denied|Security Violation|failed to load Boot"


def tool(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60,
                          **options)


class SecureBoot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("secure-boot")
        cls.path = cls.workspace.path
        cls.project = cls.path / "project"
        cls.project.mkdir()
        (cls.project / "main.c").write_text(PROGRAM)
        (cls.project / "Unikfile").write_text("name: hello\nlanguage: c\n")
        cls.passes("secure-boot-keys", "-o", "keys")
        cls.passes("secure-boot-keys", "-o", "strange")

    @classmethod
    def tearDownClass(cls):
        cls.workspace.__exit__(None, None, None)

    @classmethod
    def passes(cls, *arguments, **options):
        done = cls.workspace.unik(*arguments, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def refuses(self, word, *arguments):
        done = self.workspace.unik(*arguments)
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.assertIn(word, done.stderr)

    def build(self, name, *arguments):
        bundle = self.path / f"{name}.unik"
        self.passes("build", "-o", bundle, "--target", "qemu:raw", *arguments, self.project)
        return bundle / "disk-qemu.raw", bundle / "kernel.efi"

    def sign_with(self, folder):
        return ["--secure-boot-key", self.path / folder / "db.key", "--secure-boot-cert",
                self.path / folder / "db.crt"]

    def boot(self, disk, until):
        """Boots with Secure Boot enforced, until the console shows the pattern; returns it all."""
        variables = self.path / "variables.fd"
        shutil.copy(self.path / "keys/variables.fd", variables)
        machine = subprocess.Popen(
            ["qemu-system-x86_64", "-nodefaults", "-display", "none", "-no-reboot", "-accel", "tcg",
             "-cpu", "max", "-m", "256M", "-machine", "q35,smm=on",
             "-global", "driver=cfi.pflash01,property=secure,value=on",
             "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={FIRMWARE}",
             "-drive", f"if=pflash,unit=1,format=raw,file={variables}",
             "-drive", f"file={disk},format=raw,if=none,id=disk0,snapshot=on",
             "-device", "virtio-blk-pci,drive=disk0",
             "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-serial", "stdio"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self.workspace.environment)
        watchdog = threading.Timer(DEADLINE, machine.kill)
        watchdog.start()
        shown = ""
        try:
            while not re.search(until, shown):
                piece = os.read(machine.stdout.fileno(), 4096)
                if not piece:
                    break
                shown += piece.decode(errors="replace")
        finally:
            watchdog.cancel()
            machine.send_signal(signal.SIGKILL)
            machine.wait()
            machine.stdout.close()
        return shown

    def test_a_kernel_that_db_signed_starts(self):
        disk, kernel = self.build("signed", *self.sign_with("keys"))
        verified = tool("sbverify", "--cert", self.path / "keys/db.crt", kernel)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.assertRegex(self.boot(disk, f"{STARTED}|{REFUSED}"), STARTED)

    def test_an_unsigned_kernel_does_not_start(self):
        disk, _ = self.build("unsigned")
        shown = self.boot(disk, f"{STARTED}|{REFUSED}")
        self.assertRegex(shown, REFUSED)
        self.assertNotIn(STARTED, shown)

    def test_a_kernel_that_somebody_else_signed_does_not_start(self):
        disk, kernel = self.build("strange-one", *self.sign_with("strange"))
        self.refuses("[unknown-signer]", "verify", kernel, "--certificate",
                     self.path / "keys/db.crt")
        self.assertRegex(self.boot(disk, f"{STARTED}|{REFUSED}"), REFUSED)

    def test_a_kernel_that_was_altered_does_not_start(self):
        disk, kernel = self.build("altered", *self.sign_with("keys"))
        whole = bytearray(disk.read_bytes())
        content = kernel.read_bytes()
        self.assertEqual(whole.count(content), 1, "the disk holds the signed kernel")
        whole[whole.index(content) + len(content) // 2] ^= 1
        disk.write_bytes(whole)
        self.assertRegex(self.boot(disk, f"{STARTED}|{REFUSED}"), REFUSED)
        altered = self.path / "altered.efi"
        altered.write_bytes(content[:len(content) // 2] + b"?" + content[len(content) // 2 + 1:])
        self.refuses("[bad-signature]", "verify", altered, "--certificate",
                     self.path / "keys/db.crt")

    def test_the_same_build_has_the_same_signature_wherever_the_keys_are_named(self):
        first = self.build("one", "--no-cache", *self.sign_with("keys"))[0].read_bytes()
        self.assertEqual(first, self.build("two", "--no-cache", *self.sign_with("keys"))[0]
                         .read_bytes())
        unikfile = self.project / "Unikfile"
        before = unikfile.read_text()
        unikfile.write_text(before + "sign:\n  secure_boot: {key: ../keys/db.key, "
                                     "certificate: ../keys/db.crt}\n")
        self.assertEqual(first, self.build("three", "--no-cache")[0].read_bytes())
        unikfile.write_text(before)

    def test_sbsign_and_we_take_each_others_signatures(self):
        key, certificate = self.path / "keys/db.key", self.path / "keys/db.crt"
        theirs, ours = self.path / "theirs.efi", self.path / "ours.efi"
        self.assertEqual(tool("sbsign", "--key", key, "--cert", certificate, "--output", theirs,
                              EXTERNAL).returncode, 0)
        self.passes("verify", theirs, "--certificate", certificate)
        self.refuses("[unknown-signer]", "verify", theirs, "--certificate",
                     self.path / "strange/db.crt")
        for epoch in ("", "1700000000"):
            for program in (EXTERNAL, theirs):
                self.passes("sign", program, *self.sign_with("keys"), "-o", ours,
                            environment={"SOURCE_DATE_EPOCH": epoch})
                done = tool("sbverify", "--cert", certificate, ours)
                self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotEqual(tool("sbverify", "--cert", self.path / "strange/db.crt", ours)
                            .returncode, 0)
        self.refuses("[no-signature]", "verify", EXTERNAL, "--certificate", certificate)
        done = self.workspace.unik("sign", EXTERNAL, "--secure-boot-key", key, "--secure-boot-cert",
                                   self.path / "strange/db.crt", "-o", ours)
        self.assertEqual(done.returncode, 1)
        self.assertIn("[key-mismatch]", done.stderr)

    def test_keys_have_the_forms_of_efitools_and_are_never_overwritten(self):
        keys = self.path / "keys"
        for name in ("PK", "KEK", "db"):
            self.assertEqual((keys / f"{name}.key").stat().st_mode & 0o777, 0o600)
            theirs = self.path / "theirs.esl"
            done = tool("cert-to-efi-sig-list", keys / f"{name}.crt", theirs)
            self.assertEqual(done.returncode, 0, done.stderr)
            ours = (keys / f"{name}.esl").read_bytes()
            owner = slice(28, 44)  # each has its own
            self.assertEqual(ours[:28] + ours[44:],
                             theirs.read_bytes()[:28] + theirs.read_bytes()[44:])
            self.assertNotEqual(ours[owner], bytes(16))
            update = (keys / f"{name}.auth").read_bytes()
            self.assertTrue(update.endswith(ours))
        before = {p.name: p.read_bytes() for p in keys.iterdir()}
        done = self.workspace.unik("secure-boot-keys", "-o", "keys")
        self.assertEqual(done.returncode, 1)
        self.assertIn("[key-exists]", done.stderr)
        self.assertEqual({p.name: p.read_bytes() for p in keys.iterdir()}, before)


if __name__ == "__main__":
    unittest.main()
