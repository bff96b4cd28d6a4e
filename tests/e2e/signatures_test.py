"""Keys, signatures and policies with the real command, beside Debian's minisign and openssl."""

import hashlib
import json
import os
import pty
import select
import shutil
import subprocess
import time
import unittest

from unik import DEADLINE, UNIK, Workspace


def tool(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60,
                          **options)


def passed(done):
    assert done.returncode == 0, f"{done.args}: {done.stdout}{done.stderr}"
    return done.stdout


def make_bundle(folder, name="web"):
    """A bundle as the record describes it, without building anything."""
    bundle = folder / f"{name}.unik"
    bundle.mkdir(parents=True)
    files = {"kernel.elf": b"kernel", "kernel.debug": b"debug", "disk-qemu.qcow2": b"disk"}
    for file, content in files.items():
        (bundle / file).write_bytes(content)
    (bundle / "image.json").write_text(json.dumps({
        "schema": 1, "name": name, "version": "1", "language": "c", "memory": 1 << 26, "cpus": 1,
        "expose": [], "disks": {"qemu:qcow2": "disk-qemu.qcow2"},
        "digests": {file: "sha256:" + hashlib.sha256(content).hexdigest()
                    for file, content in files.items()}}))
    return bundle


class Signatures(unittest.TestCase):
    def setUp(self):
        self.workspace = self.enterContext(Workspace("signatures"))
        self.path = self.workspace.path
        self.data = self.path / "data"
        self.data.write_bytes(b"some data" * 1000)

    def enterContext(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def unik(self, *arguments, **options):
        return self.workspace.unik(*arguments, **options)

    def passes(self, *arguments, **options):
        return passed(self.unik(*arguments, **options))

    def refuses(self, *arguments, status=4, **options):
        done = self.unik(*arguments, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr

    def keygen(self, name):
        self.passes("keygen", "-o", name, "--no-passphrase")
        return self.path / f"{name}.key", self.path / f"{name}.pub"

    def test_minisign_checks_what_we_sign(self):
        key, public = self.keygen("release")
        self.passes("sign", self.data, "--sign-key", key)
        shown = passed(tool("minisign", "-V", "-p", public, "-m", self.data))
        self.assertIn("Trusted comment: file:data\thashed", shown)
        bundle = make_bundle(self.path)
        self.passes("sign", bundle, "--sign-key", key)
        passed(tool("minisign", "-V", "-p", public, "-m", bundle / "image.json"))

    def test_minisign_signs_with_our_keys_and_we_check_it(self):
        key, public = self.keygen("release")
        passed(tool("minisign", "-S", "-H", "-s", key, "-m", self.data, "-t", "it is ours",
                    stdin=subprocess.DEVNULL))
        self.assertIn("it is ours", self.passes("verify", self.data, "--key", public))

    def test_we_use_keys_that_minisign_made(self):
        passed(tool("minisign", "-G", "-W", "-f", "-p", "their.pub", "-s", "their.key",
                    cwd=self.path))
        self.passes("sign", self.data, "--sign-key", "their.key")
        passed(tool("minisign", "-V", "-p", self.path / "their.pub", "-m", self.data))
        line = (self.path / "their.pub").read_text().splitlines()[1]
        self.passes("verify", self.data, "--key", line)
        self.passes("verify", self.data, "--key", "env:PUBLIC", environment={"PUBLIC": line})

    def on_a_terminal(self, command, *answers):
        """Runs the command with a terminal of its own; types an answer at each prompt."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.path)
            os.execve(command[0], [str(part) for part in command], self.workspace.environment)
        shown, typed, end = "", 0, time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:
                break
            if typed < len(answers) and shown.rstrip(" ").endswith(":") and \
                    shown.count(": ") > typed:
                os.write(terminal, answers[typed].encode())
                typed += 1
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown

    def test_a_passphrase_is_asked_twice_and_does_not_show(self):
        status, shown = self.on_a_terminal([UNIK, "keygen", "-o", "own"], "dog\x7fnkey\n", "donkey\n")
        self.assertEqual(status, 0, shown)
        self.assertNotIn("d", shown.split("again")[0].split("'own.key'")[1].split(":")[1])
        status, shown = self.on_a_terminal(
            [UNIK, "sign", self.data, "--sign-key", "own.key"], "donkey\n")
        self.assertEqual(status, 0, shown)
        self.assertNotIn("donkey", shown)
        # minisign reads its passphrase from a terminal, too.
        minisign = shutil.which("minisign")
        status, shown = self.on_a_terminal(
            [minisign, "-S", "-H", "-s", "own.key", "-m", "data"], "donkey\n")
        self.assertEqual(status, 0, shown)
        self.passes("verify", self.data, "--key", "own.pub")

    def test_passphrases_that_differ_and_ctrl_c_leave_no_key(self):
        for answers in (("one\n", "two\n"), ("\x03",), ("\n",)):
            status, shown = self.on_a_terminal([UNIK, "keygen", "-o", "own"], *answers)
            self.assertEqual(status, 1, shown)
            self.assertIn("[no-passphrase]", shown)
        self.assertFalse((self.path / "own.key").exists() or (self.path / "own.pub").exists())

    def test_a_protected_key_of_minisign_opens(self):
        minisign = shutil.which("minisign")
        status, shown = self.on_a_terminal(
            [minisign, "-G", "-p", "their.pub", "-s", "their.key"], "zebra\n", "zebra\n")
        self.assertEqual(status, 0, shown)
        (self.path / "their.key").chmod(0o600)
        self.passes("sign", self.data, "--sign-key", "their.key", "--passphrase-file",
                    "env:WORDS", environment={"WORDS": "zebra"})
        passed(tool("minisign", "-V", "-p", self.path / "their.pub", "-m", self.data))

    def test_nobody_is_asked_where_there_is_no_terminal(self):
        self.passes("keygen", "-o", "ci", "--passphrase-file", "env:WORDS",
                    environment={"WORDS": "in CI"})
        self.assertEqual((self.path / "ci.key").stat().st_mode & 0o777, 0o600)
        sign = ["sign", self.data, "--sign-key", "env:KEY", "--passphrase-file", "env:WORDS"]
        key = (self.path / "ci.key").read_text()
        said = self.refuses(*sign, status=1, environment={"KEY": key, "WORDS": "in  CI"})
        self.assertIn("[wrong-passphrase]", said)
        self.passes(*sign, environment={"KEY": key, "WORDS": "in CI"})
        self.passes("verify", self.data, "--key", "ci.pub")
        done = subprocess.run(["setsid", "-w", UNIK, "sign", self.data, "--sign-key", "ci.key"],
                              cwd=self.path, env=self.workspace.environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("[no-passphrase]", done.stderr)

    def test_openssl_and_we_check_each_others_p256_signatures(self):
        passed(tool("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-aes256", "-pass", "pass:words", "-out", "ec.key", cwd=self.path))
        passed(tool("openssl", "pkey", "-in", "ec.key", "-passin", "pass:words", "-pubout", "-out",
                    "ec.pub", cwd=self.path))
        (self.path / "ec.key").chmod(0o600)
        self.passes("sign", self.data, "--sign-key", "ec.key", "--passphrase-file", "env:WORDS",
                    environment={"WORDS": "words"})
        check = ["openssl", "dgst", "-sha256", "-verify", "ec.pub", "-signature", "data.sig", "data"]
        passed(tool(*check, cwd=self.path))
        self.passes("verify", self.data, "--key", "ec.pub")
        passed(tool("openssl", "dgst", "-sha256", "-sign", "ec.key", "-passin", "pass:words", "-out",
                    "data.sig", "data", cwd=self.path))
        self.passes("verify", self.data, "--key", "ec.pub")
        self.data.write_bytes(b"other")
        self.assertIn("[bad-signature]", self.refuses("verify", self.data, "--key", "ec.pub"))

    def test_a_secret_key_that_others_may_read_is_refused_and_not_repeated(self):
        key, _ = self.keygen("release")
        secret = key.read_text().splitlines()[1]
        key.chmod(0o644)
        said = self.refuses("sign", self.data, "--sign-key", key, status=1)
        self.assertIn("[key-permissions]", said)
        key.chmod(0o600)
        for given in (secret, key.read_text()):
            said = self.refuses("sign", self.data, "--sign-key", given, status=1)
            self.assertNotIn(secret[:16], said)
        damaged = self.path / "damaged.key"
        damaged.touch(0o600)
        damaged.write_text(key.read_text()[:-8])
        said = self.refuses("sign", self.data, "--sign-key", damaged, status=1)
        self.assertIn("[bad-key]", said)
        self.assertNotIn(secret[:16], said)

    def test_nothing_is_overwritten(self):
        key, public = self.keygen("release")
        before = key.read_bytes(), public.read_bytes()
        self.assertIn("[key-exists]",
                      self.refuses("keygen", "-o", "release", "--no-passphrase", status=1))
        self.assertEqual((key.read_bytes(), public.read_bytes()), before)

    def test_a_bundle_is_verified_and_each_change_named(self):
        key, public = self.keygen("release")
        bundle = make_bundle(self.path)
        self.assertIn("[no-signature]", self.refuses("verify", bundle, "--key", public))
        self.passes("sign", bundle, "--sign-key", key)
        first = (bundle / "image.json.minisig").read_bytes()
        self.passes("sign", bundle, "--sign-key", key)
        self.assertEqual((bundle / "image.json.minisig").read_bytes(), first)
        self.assertIn("4 files", self.passes("verify", bundle, "--key", public))
        told = json.loads(self.passes("verify", bundle, "--key", public, "--json"))
        self.assertEqual((told["verified"], told["files"]), (True, 4))

        (bundle / "kernel.elf").write_bytes(b"Kernel")
        (bundle / "disk-qemu.qcow2").rename(bundle / "disk.qcow2")
        (bundle / "kernel.debug").unlink()
        (bundle / "new\x1b[31m").write_bytes(b"x")
        said = self.refuses("verify", bundle, "--key", public)
        for word in ("[digest-mismatch]", "[renamed-file]", "[missing-file]", "[unexpected-file]",
                     "kernel.elf", "disk.qcow2", "kernel.debug", "new?[31m"):
            self.assertIn(word, said)
        self.assertIn("[digest-mismatch]", self.refuses("sign", bundle, "--sign-key", key))

    def test_a_record_that_was_changed_no_longer_fits_its_signature(self):
        key, public = self.keygen("release")
        _, stranger = self.keygen("stranger")
        bundle = make_bundle(self.path)
        self.passes("sign", bundle, "--sign-key", key)
        self.assertIn("[unknown-signer]", self.refuses("verify", bundle, "--key", stranger))
        self.passes("verify", bundle, "--key", stranger, "--key", public)
        record = bundle / "image.json"
        record.write_text(record.read_text().replace('"cpus": 1', '"cpus": 2'))
        self.assertIn("[bad-signature]", self.refuses("verify", bundle, "--key", public))

    def test_a_policy_gives_the_keys_and_refuses(self):
        key, public = self.keygen("release")
        policy = self.path / "policy.yaml"
        policy.write_text("keys: {release: release.pub}\nrules:\n"
                          "  - {names: [dev-*], require: none}\n")
        bundle = make_bundle(self.path)
        self.refuses("verify", bundle, status=2)
        verify = ["verify", bundle, "--policy", policy]
        self.assertIn("[no-signature]", self.refuses(*verify))
        self.passes("sign", bundle, "--sign-key", key)
        self.assertIn("signed by release", self.passes(*verify))
        self.passes("verify", bundle, environment={"UNIK_POLICY": str(policy)})
        home = self.path / "home"
        (home / ".config/unik").mkdir(parents=True)
        shutil.copy(policy, home / ".config/unik/policy.yaml")
        shutil.copy(public, home / ".config/unik/release.pub")
        self.passes("verify", bundle, environment={"HOME": str(home), "XDG_CONFIG_HOME": ""})
        self.refuses("verify", bundle, "--policy", self.path / "missing.yaml")
        policy.write_text("keys: {release: release.pub}\nrules:\n"
                          "  - {names: [web], keys: [relaese]}\nrequire: all\n")
        said = self.refuses(*verify)
        self.assertIn("[unknown-key-name]", said)
        self.assertIn("did you mean 'release'?", said)
        self.assertIn("[bad-value]", said)


if __name__ == "__main__":
    unittest.main()
