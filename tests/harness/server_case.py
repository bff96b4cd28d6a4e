"""Debian's servers, unmodified, in guests on a tap (harness/tap_guest.py), spoken to by real clients.

    class Redis(server_case.ServerCase):
        name, program, arguments, port = "redis", "/usr/bin/redis-server", [...], 6379
        files = {"/etc/redis.conf": "..."}              # and trees = {"/srv/www": folder}
        def test_something(self):
            with self.start() as guest: ...

The class is built once; each start() is a guest of its own that answers on its port already.
load() is the mixed load with a look at the guest's free memory before and after, which is read
from outside (harness/guest_memory.py): the servers have no way to tell.

UNIK_LOAD_SECONDS: how long a load lasts (scripts/soak runs them for ten minutes)."""

import json
import os
import shutil
import socket
import time
import unittest

import guest_memory
import mixed_load
import tap_guest
from unik import DEADLINE, Workspace

LOAD_SECONDS = float(os.environ.get("UNIK_LOAD_SECONDS", "15"))
# What a server's own pools may grow by after its first rounds, however long the load: haproxy's take
# 4 MiB. A leak of a few hundred bytes a connection shows in ten minutes.
TOLERANCE = 8 << 20
USERS = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n"
GROUPS = "root:x:0:\nnogroup:x:65534:\n"


def pattern(size):
    """Bytes of which no stretch comes twice within the first million."""
    period = bytes(((index * 2654435761) & 0xffffffff) >> 24 for index in range(1000003))
    return (period * (size // len(period) + 1))[:size]


class ServerGuest(tap_guest.TapGuest):
    def __init__(self, workspace, bundle, memory):
        self.transcript = workspace.path / "console.txt"
        self.control = workspace.path / "qmp"
        self.bundle = bundle
        image = json.loads((bundle / "image.json").read_text())
        on_disk = "root-disk" in {component["name"] for component in image["components"]}
        with open(self.transcript, "wb") as console:
            super().__init__(
                bundle, memory, console=console,
                disk=bundle / "disk-qemu.qcow2" if on_disk else None,
                arguments=["-qmp", f"unix:{self.control},server=on,wait=off"])  # fmt: skip

    def __exit__(self, kind, *rest):
        super().__exit__(kind, *rest)
        if kind is not None:
            print(f"--- guest's console\n{self.console()}")

    def console(self):
        return self.transcript.read_text(errors="replace")

    def wait_for_port(self, port):
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                socket.create_connection((tap_guest.GUEST, port), timeout=5).close()
                return
            except OSError:
                assert self.running(), "the guest ended"
                assert time.monotonic() < deadline, "the guest did not answer"

    def check_healthy(self):
        """It runs, and nobody asked for what is not there."""
        assert self.running(), "the guest ended"
        for sign in ("ENOSYS", "not linked"):
            assert sign not in self.console(), self.console()


class ServerCase(unittest.TestCase):
    program = None
    arguments = ()
    port = None
    files = {}  # path in the image: contents
    trees = {}  # path in the image: folder of this host, or a function that fills one
    keys = {}  # further ones of the Unikfile
    memory = "192M"

    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace(cls.name)
        cls.addClassCleanup(cls.finish)
        cls.folder = cls.workspace.path / cls.name
        cls.folder.mkdir()
        cls.failed = False
        files = {"/etc/passwd": USERS, "/etc/group": GROUPS, **cls.files}
        collected = []
        for number, (path, contents) in enumerate(files.items()):
            source = cls.folder / f"file-{number}"
            source.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
            collected.append({"from": source.name, "to": path})
        for number, (path, tree) in enumerate(cls.trees.items()):
            source = cls.folder / f"tree-{number}"
            if callable(tree):
                source.mkdir()
                tree(source)
            else:
                shutil.copytree(tree, source, symlinks=True)
            collected.append({"from": source.name, "to": path})
        unikfile = {"name": cls.name, "language": "binary", "build": {"output": cls.program},
                    "args": list(cls.arguments), "files": collected, "expose": [cls.port], **cls.keys}
        # YAML takes JSON.
        (cls.folder / "Unikfile").write_text(json.dumps(unikfile))
        cls.bundle = cls.workspace.build(cls.folder)

    @classmethod
    def finish(cls):
        cls.workspace.__exit__(AssertionError if cls.failed else None, None, None)

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result else 0
        done = super().run(result)
        if result and len(result.failures) + len(result.errors) > before:
            type(self).failed = True
        return done

    def start(self):
        guest = ServerGuest(self.workspace, self.bundle, self.memory)
        try:
            guest.wait_for_port(self.port)
        except BaseException as error:
            guest.__exit__(type(error), error, None)
            raise
        return guest

    @property
    def address(self):
        return (tap_guest.GUEST, self.port)

    def load(self, service, prepare=lambda: None, tolerance=TOLERANCE):
        """The mixed load. `service` as in harness/mixed_load.py; prepare() comes before it."""
        with self.start() as guest, guest_memory.FreeMemory(guest) as free:
            prepare()
            mixed_load.run(service, 0)  # warms up: a round of every kind
            before = free()
            counts = mixed_load.run(service, LOAD_SECONDS)
            guest.check_healthy()
            # Connections that have ended are remembered for a while.
            deadline = time.monotonic() + DEADLINE
            while (after := free()) < before - tolerance:
                assert time.monotonic() < deadline, f"free: {before}, then {after} after {counts}"
                time.sleep(0.2)
            print(f"{self.name}: free memory {before} -> {after}, {counts}")
