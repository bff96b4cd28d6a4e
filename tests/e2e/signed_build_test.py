"""Builds that sign, and runs and conversions that a policy refuses or lets through."""

import os
import subprocess
import unittest
from pathlib import Path

from unik import Workspace

PROGRAM = '#include <stdio.h>\nint main(void) { puts("it is the signed one"); return 7; }\n'
# Stands for QEMU: whoever is fast enough to change the bundle after it was verified.
SWAPPER = """#!/bin/sh
for file in kernel.elf kernel.efi disk-qemu.qcow2; do
    printf 'in place of what was verified' >"{bundle}/$file"
    printf 'other' >"{bundle}/new" && mv "{bundle}/new" "{bundle}/$file"
done
exec qemu-system-x86_64 "$@"
"""


class SignedBuild(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("signed-build")
        cls.project = cls.workspace.path / "project"
        cls.project.mkdir()
        (cls.project / "main.c").write_text(PROGRAM)
        cls.unikfile("")
        for name in ("release", "other"):
            cls.passes("keygen", "-o", name, "--no-passphrase")
        cls.passes("keygen", "-o", "shut", "--passphrase-file", "env:WORDS",
                   environment={"WORDS": "open it"})
        (cls.workspace.path / "policy.yaml").write_text(
            "keys: {release: release.pub, shut: shut.pub}\n"
            "rules: [{names: [open*], require: none}]\n")
        cls.bundle = cls.workspace.path / "image.unik"

    @classmethod
    def tearDownClass(cls):
        cls.workspace.__exit__(None, None, None)

    @classmethod
    def unikfile(cls, rest):
        (cls.project / "Unikfile").write_text("name: hello\nlanguage: c\n" + rest)

    @classmethod
    def passes(cls, *arguments, **options):
        done = cls.workspace.unik(*arguments, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def fails(self, status, word, *arguments, **options):
        done = self.workspace.unik(*arguments, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertIn(word, done.stderr)
        return done

    def build(self, *arguments, **options):
        return self.passes("build", "-o", self.bundle, *arguments, self.project, **options)

    def verify(self, key="release.pub"):
        self.passes("verify", self.bundle, "--key", key)

    def test_a_signature_counts_for_what_is_up_to_date(self):
        build = ["--sign-key", "release.key"]
        self.assertIn("sign", self.build(*build).stderr)
        self.verify()
        self.assertIn("up to date", self.build(*build).stderr)
        (self.bundle / "image.json.minisig").unlink()
        self.assertNotIn("up to date", self.build(*build).stderr)
        self.verify()
        self.assertNotIn("up to date", self.build("--sign-key", "other.key").stderr)
        self.verify("other.pub")
        self.assertNotIn("up to date", self.build().stderr)
        self.assertFalse((self.bundle / "image.json.minisig").exists())

    def test_the_unikfile_names_the_key_and_the_command_line_has_the_last_word(self):
        self.unikfile("sign: {key: ../release.key}\n")
        self.build()
        self.verify()
        self.build("--sign-key", "other.key")
        self.verify("other.pub")
        self.build("--no-sign")
        self.assertFalse((self.bundle / "image.json.minisig").exists())
        self.unikfile("sign: {key: 'env:SIGN_KEY'}\n")
        self.fails(1, "[no-secret]", "build", self.project)
        key = (self.workspace.path / "release.key").read_text()
        self.build(environment={"SIGN_KEY": key})
        self.verify()
        self.unikfile("")

    def test_what_cannot_be_signed_leaves_the_old_bundle_and_names_no_secret(self):
        self.build("--sign-key", "release.key")
        before = {p.name: p.read_bytes() for p in self.bundle.iterdir()}
        key = (self.workspace.path / "shut.key").read_text()
        for words, word in (("wrong words", "[wrong-passphrase]"), ("\n", "[no-passphrase]")):
            done = self.fails(1, word, "build", "-o", self.bundle, "--no-cache", "--sign-key",
                              "env:KEY", "--passphrase-file", "env:WORDS", self.project,
                              environment={"KEY": key, "WORDS": words})
            self.assertNotIn(key.splitlines()[1][:20], done.stdout + done.stderr)
            self.assertNotIn("wrong words", done.stdout + done.stderr)
        self.assertEqual({p.name: p.read_bytes() for p in self.bundle.iterdir()}, before)

    def test_no_secret_is_left_anywhere_and_no_tool_sees_one(self):
        key = (self.workspace.path / "shut.key").read_text()
        self.unikfile("build: {command: 'env >environment; $CC -static -o hello main.c', "
                      "output: hello}\n")
        done = self.build("--no-cache", "-v", "--sign-key", "env:KEY", "--passphrase-file",
                          "env:WORDS", environment={"KEY": key, "WORDS": "open it",
                                                    "UNIK_LOG": "trace"})
        self.unikfile("")
        self.verify("shut.pub")
        secrets = [key.splitlines()[1][10:60].encode(), b"open it"]
        for said in (done.stdout, done.stderr):
            for secret in secrets:
                self.assertNotIn(secret.decode(), said)
        seen = list(self.workspace.path.rglob("environment"))
        self.assertTrue(seen)
        files = [p for p in self.workspace.path.rglob("*")
                 if p.is_file() and p.name != "shut.key"]
        for path in files:
            content = path.read_bytes()
            for secret in secrets:
                self.assertNotIn(secret, content, path)

    def test_a_key_that_would_go_into_the_image_is_refused(self):
        inside = self.project / "signing.key"
        inside.write_bytes((self.workspace.path / "release.key").read_bytes())
        inside.chmod(0o600)
        self.unikfile("files: [{from: ., to: /srv}]\nsign: {key: signing.key}\n")
        self.fails(1, "[secret-in-image]", "build", "-o", self.workspace.path / "x.unik",
                   self.project)
        inside.unlink()
        self.unikfile("")

    def test_a_policy_refuses_what_nobody_trusted_signed(self):
        policy = ["--policy", "policy.yaml"]
        self.build()
        self.fails(4, "[no-signature]", "run", *policy, self.bundle)
        self.fails(4, "[no-signature]", "convert", *policy, self.bundle, "--to", "raw")
        self.fails(4, "[no-signature]", "convert", *policy, self.bundle / "disk-qemu.qcow2", "--to",
                   "raw")
        self.fails(4, "[no-signature]", "run", self.bundle,
                   environment={"UNIK_POLICY": "policy.yaml"})
        self.build("--sign-key", "other.key")
        self.fails(4, "[unknown-signer]", "run", *policy, self.bundle)
        self.build("--sign-key", "release.key")
        self.passes("convert", *policy, self.bundle, "--to", "raw", "-o", "a.raw")
        self.passes("convert", *policy, self.bundle / "disk-qemu.qcow2", "--to", "raw", "-o", "b.raw")
        (self.bundle / "disk-qemu.qcow2").write_bytes(b"other")
        self.fails(4, "[digest-mismatch]", "convert", *policy, self.bundle, "--to", "raw")
        self.fails(4, "[digest-mismatch]", "run", *policy, self.bundle)
        (self.workspace.path / "broken.yaml").write_text("keys: [")
        self.fails(4, "[yaml-syntax]", "run", "--policy", "broken.yaml", self.bundle)

    def test_a_policy_asks_for_the_signature_of_a_single_file(self):
        disk = self.workspace.path / "disk.img"
        disk.write_bytes(bytes(1 << 20))
        convert = ["convert", disk, "--from", "raw", "--to", "qcow2", "--policy", "policy.yaml", "-o",
                   "c.qcow2"]
        self.fails(4, "[no-signature]", *convert)
        self.passes("sign", disk, "--sign-key", "release.key")
        self.passes(*convert)
        disk.write_bytes(bytes(1 << 20) + b"more")
        self.fails(4, "[bad-signature]", *convert)

    def test_what_was_verified_runs_although_the_bundle_is_changed_meanwhile(self):
        swapper = self.workspace.path / "swapper"
        swapper.write_text(SWAPPER.format(bundle=self.bundle))
        swapper.chmod(0o755)
        for boot in ("kernel", "bios"):
            self.build("--no-cache", "--sign-key", "release.key")
            done = self.workspace.unik("run", "--timeout", "60", "--boot", boot, "--policy",
                                       "policy.yaml", self.bundle,
                                       environment={"UNIK_QEMU": str(swapper)})
            self.assertEqual(done.returncode, 7, done.stdout + done.stderr)
            self.assertIn("it is the signed one", done.stdout)
            self.assertEqual((self.bundle / "kernel.elf").read_bytes(), b"other")
        self.fails(4, "[digest-mismatch]", "run", "--policy", "policy.yaml", self.bundle)


if __name__ == "__main__":
    unittest.main()
