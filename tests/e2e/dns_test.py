"""Names through the C library's resolver and a real DNS server, which the guest is told of by its
configuration: addresses of both families, many addresses, an unknown name, the way back."""

import subprocess
import threading
import unittest

import tap_guest
from unik import DEADLINE, SOURCE, Workspace

PROGRAM = SOURCE / "tests/e2e/programs/resolve.c"
UNIKFILE = """\
name: resolve
language: binary
build: {output: resolve}
args: [one.test, both.test, many.test, unknown.test, configured.test, localhost]
"""
MANY = [f"198.51.100.{number}" for number in range(1, 21)]


class NameServer:
    """dnsmasq in this namespace, on the host's end of the tap."""

    def __init__(self):
        records = ["--host-record=one.test,192.0.2.77", "--host-record=both.test,192.0.2.78,2001:db8::78",
                   "--local=/test/"]  # fmt: skip
        records += [f"--host-record=many.test,{address}" for address in MANY]
        records += ["--host-record=configured.test,192.0.2.79,2001:db8::79"]
        self.process = subprocess.Popen(
            ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
             "--bind-interfaces", f"--listen-address={tap_guest.HOST}", "--user=root",
             "--pid-file=", "--log-facility=/dev/null", *records])  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def answers(workspace, *compiler):
    """By name, what the guest found."""
    project = workspace.path / compiler[0]
    project.mkdir()
    subprocess.run([*compiler, "-O1", "-Wall", "-o", project / "resolve", PROGRAM], check=True)
    (project / "Unikfile").write_text(UNIKFILE)
    found = {}
    with tap_guest.TapGuest(workspace.build(project), console=subprocess.PIPE) as guest:
        limit = threading.Timer(DEADLINE, guest.process.kill)
        limit.start()
        for line in guest.process.stdout:
            name, colon, rest = line.decode(errors="replace").strip().partition(":")
            if name == "end":
                break
            if colon:
                found[name] = rest.split()
        limit.cancel()
        guest.process.stdout.close()
    assert name == "end", f"the guest ended after {found}"
    return found


class Names(unittest.TestCase):
    def check(self, *compiler):
        with Workspace("dns") as workspace, NameServer():
            found = answers(workspace, *compiler)
        self.assertEqual(found["one.test"], ["192.0.2.77"])
        self.assertEqual(sorted(found["both.test"]), ["192.0.2.78", "2001:db8::78"])
        self.assertEqual(sorted(found["many.test"]), sorted(MANY))
        self.assertEqual(found["unknown.test"], ["error", "1"])
        self.assertIn("192.0.2.79", found["configured.test"])
        self.assertIn("127.0.0.1", found["localhost"])
        self.assertEqual(found["192.0.2.77"], ["one.test"])

    def test_musl_static(self):
        self.check("musl-gcc", "-static")

    def test_glibc_dynamic(self):
        self.check("gcc")


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
