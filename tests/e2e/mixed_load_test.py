"""A server under a mixed load (harness/mixed_load.py) for some time: the clients see nothing that a
server under Linux would not show them, and the guest's free memory is what it was. The same load runs
against the same program on this host first, which keeps the load itself honest.

UNIK_LOAD_SECONDS: how long (scripts/soak runs it for ten minutes)."""

import json
import os
import shutil
import subprocess
import sys
import time
import zlib

import mixed_load
import tap_guest
from unik import DEADLINE, SOURCE, Workspace

SECONDS = float(os.environ.get("UNIK_LOAD_SECONDS", "15"))
SERVER = SOURCE / "tests/e2e/programs/mixed_server.c"
PORT = 8080
SIZE = 64 << 20


def contents():
    period = bytes(((index * 2654435761) & 0xffffffff) >> 24 for index in range(1000003))
    return (period * (SIZE // len(period) + 1))[:SIZE]


def service(host, port, data):
    expected = f"{len(data)} {zlib.adler32(data)}\n".encode()
    return mixed_load.Http((host, port), big=("/big", data),
                           upload=("/upload", data, lambda answer: answer == expected))


def free_memory(address):
    with mixed_load.Stream(address) as stream:
        return json.loads(mixed_load.Http(address, small="/status").small(stream))["free"]


def wait_until_ready(guest, address):
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            return free_memory(address)
        except OSError:
            assert guest.running(), "the guest ended"
            assert time.monotonic() < deadline, "the guest did not answer"


def run_here(workspace, data):
    program = workspace.path / "server"
    subprocess.run(["gcc", "-O1", "-o", program, SERVER], check=True)
    with subprocess.Popen([program, "0"], stdout=subprocess.PIPE, text=True) as server:
        try:
            port = int(server.stdout.readline().split()[1])
            return mixed_load.run(service("127.0.0.1", port, data), 1)
        finally:
            server.kill()


def run_in_guest(workspace, data):
    project = workspace.path / "mixed"
    project.mkdir()
    shutil.copy(SERVER, project)
    (project / "Unikfile").write_text("name: mixed\nlanguage: c\n")
    bundle = workspace.build(project)
    address = (tap_guest.GUEST, PORT)
    with tap_guest.TapGuest(bundle) as guest:
        wait_until_ready(guest, address)
        load = service(*address, data)
        mixed_load.run(load, 0) # warms up: a round of every kind
        before = free_memory(address)
        counts = mixed_load.run(load, SECONDS)
        assert guest.running(), "the guest ended"
        # Connections that have ended are remembered for a while.
        deadline = time.monotonic() + DEADLINE
        while (after := free_memory(address)) < before - (384 << 10):
            assert time.monotonic() < deadline, f"free memory: {before}, then {after} after {counts}"
    print(f"free memory {before} -> {after}")
    return counts


def main():
    data = contents()
    with Workspace("mixed-load") as workspace:
        print(f"here: {run_here(workspace, data)}")
        print(f"guest: {run_in_guest(workspace, data)}")


if __name__ == "__main__":
    tap_guest.inside(main)
