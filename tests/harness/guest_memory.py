"""How much memory is free in a running guest, read from outside: QEMU tells the contents of the
frame allocator's counters. Where they lie, kernel.debug's symbols tell and, because it describes no
types, what the compiler says of the allocator's source.

    with FreeMemory(guest) as free:    # guest: has .bundle, and .control, its QMP socket
        print(free())                  # bytes"""

import json
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from unik import DEADLINE, SOURCE

PAGE = 4096
LIBRARY_OS = SOURCE / "base-images/library-os"
ALLOCATOR = "os::memory::(anonymous namespace)::g_frames"
GUARDED = "Guarded<os::memory::(anonymous namespace)::Frames>"


def symbol(file, name):
    """Address and size."""
    listing = subprocess.run(["nm", "-SC", file], check=True, capture_output=True, text=True).stdout
    match = re.search(rf"^([0-9a-f]+) ([0-9a-f]+) \w {re.escape(name)}$", listing, re.MULTILINE)
    assert match, f"{file} has no {name}"
    return int(match.group(1), 16), int(match.group(2), 16)


def described(folder):
    """The allocator's object file with a description of its types, and that as text."""
    file = Path(folder) / "frames.o"
    includes = [f"-I{path}" for path in [*LIBRARY_OS.glob("components/*/include"),
                                         LIBRARY_OS / "vocabulary/include"]]  # fmt: skip
    subprocess.run(["g++", "-g", "-std=c++20", "-ffreestanding", "-fno-exceptions", "-fno-rtti",
                    *includes, "-c", LIBRARY_OS / "components/memory/frames.cpp", "-o", file],
                   check=True)  # fmt: skip
    text = subprocess.run(["readelf", "--debug-dump=info", file], check=True,
                          capture_output=True, text=True).stdout  # fmt: skip
    return file, text.splitlines()


def member_offset(information, structure, member):
    """From readelf's text of .debug_info: the first definition of the type that has the member."""
    depth, inside = None, False
    entry = re.compile(r"^ <(\w+)><\w+>: Abbrev Number: \d+(?: \((\w+)\))?")
    tag, name = None, None
    for line in information:
        start = entry.match(line)
        if start:
            level, tag, name = int(start.group(1), 16), start.group(2), None
            if inside and level <= depth:
                inside = False
            continue
        if "DW_AT_name" in line:
            name = line.rsplit(": ", 1)[1].strip()
            if tag in ("DW_TAG_class_type", "DW_TAG_structure_type") and name == structure:
                inside, depth = True, level
        elif (inside and tag == "DW_TAG_member" and name == member and level == depth + 1
              and "DW_AT_data_member_location" in line):  # fmt: skip
            return int(line.rsplit(": ", 1)[1])
    raise AssertionError(f"no {structure}::{member} in the debugging information")


class FreeMemory:
    def __init__(self, guest):
        allocator, size = symbol(guest.bundle / "kernel.debug", ALLOCATOR)
        with tempfile.TemporaryDirectory(dir=guest.bundle) as folder:
            file, text = described(folder)
            assert symbol(file, ALLOCATOR)[1] == size, "the guest's kernel is of another source"
        frames = allocator + member_offset(text, GUARDED, "value_")
        buddy = frames + member_offset(text, "Frames", "buddy")
        cache = frames + member_offset(text, "Frames", "cache")
        self.places = {buddy + member_offset(text, "Buddy", "free_"): 8,
                       cache + member_offset(text, "FrameCache", "count_"): 4}  # fmt: skip
        self.total = buddy + member_offset(text, "Buddy", "total_")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE)
        deadline = time.monotonic() + DEADLINE
        while self.socket.connect_ex(str(guest.control)) != 0:
            assert guest.running() and time.monotonic() < deadline, "QEMU has no monitor"
        self.lines = self.socket.makefile("r")
        self.lines.readline()
        self.command("qmp_capabilities")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def command(self, name, **arguments):
        self.socket.sendall(json.dumps({"execute": name, "arguments": arguments}).encode())
        while True:
            reply = json.loads(self.lines.readline())
            if "return" in reply:
                return reply["return"]
            assert "error" not in reply, reply

    def read(self, address, size):
        unit = {4: "w", 8: "g"}[size]
        text = self.command("human-monitor-command",
                            **{"command-line": f"x /1x{unit} {address:#x}"})  # fmt: skip
        return int(text.split(":")[1], 16)

    def __call__(self):
        frames = sum(self.read(*place) for place in self.places.items())
        total = self.read(self.total, 8)
        assert 0 < frames < total < 1 << 20, f"{frames} frames free of {total}"
        return frames * PAGE
