"""What the program prints is on the screen, too: in VGA text under a BIOS, in the frame buffer under
UEFI. The screen is read as a person would: characters, told by the font's pixels."""

import gzip
import json
import socket
import subprocess
import sys
import time

from unik import DEADLINE, Workspace

PROGRAM = r"""
#include <stdio.h>
#include <unistd.h>
int main(void) {
    for (int i = 0; i < 200; i++)
        printf("line %d\n", i);
    printf("\033[1mseen by people: {~|}\033[0m\n");
    fflush(stdout);
    pause();
    return 0;
}
"""
LINES = ("line 199", "seen by people: {~|}")
OVMF = "/usr/share/OVMF"
FONT = "/usr/share/consolefonts/Lat15-VGA16.psf.gz"


class Monitor:
    def __init__(self, path):
        self.connection = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                self.connection.connect(str(path))
                break
            except OSError:
                assert time.monotonic() < deadline, "QEMU opened no monitor"
        self.lines = self.connection.makefile()
        self.lines.readline()
        self.call("qmp_capabilities")

    def call(self, command, **arguments):
        request = {"execute": command, "arguments": arguments}
        self.connection.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer = json.loads(self.lines.readline())
            if "return" in answer or "error" in answer:
                assert "return" in answer, answer
                return answer["return"]


def text_screen(monitor, folder):
    cells = folder / "cells"
    monitor.call("pmemsave", val=0xB8000, size=80 * 25 * 2, filename=str(cells))
    characters = cells.read_bytes()[::2].decode("cp437")
    return [characters[i : i + 80].rstrip() for i in range(0, 80 * 25, 80)]


def glyphs():
    font = gzip.open(FONT).read()[4:]
    return {font[c * 16 : c * 16 + 16]: chr(c) for c in range(0x20, 0x7F)}


def frame_buffer(monitor, folder):
    picture = folder / "screen.ppm"
    monitor.call("screendump", filename=str(picture))
    _, size, _, pixels = picture.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    known = glyphs()
    rows = []
    for top in range(0, height - 15, 16):
        row = ""
        for left in range(0, 160 * 8 if width > 160 * 8 else width - 7, 8):
            cell = bytes(
                sum((pixels[((top + y) * width + left + x) * 3] > 64) << (7 - x) for x in range(8))
                for y in range(16)
            )
            row += known.get(cell, "\0")
        rows.append(row.rstrip())
    return rows


def check(workspace, name, image, read, *firmware):
    path = workspace.path / f"{name}.qmp"
    machine = subprocess.Popen(
        ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-m", "256M", "-nodefaults",
         "-vga", "std", "-display", "none", "-serial", "null", *firmware,
         "-qmp", f"unix:{path},server=on,wait=off",
         "-drive", f"file={image},format=vdi,snapshot=on"])  # fmt: skip
    try:
        monitor = Monitor(path)
        deadline = time.monotonic() + DEADLINE
        while True:
            rows = read(monitor, workspace.path)
            shown = [row for row in rows if row]
            if tuple(shown[-2:]) == LINES:
                break
            assert time.monotonic() < deadline, f"{name}: expected {LINES} last, found {shown}"
    finally:
        machine.kill()
        machine.wait()
    print(f"{name}: ok")


def main():
    with Workspace("screen") as workspace:
        project = workspace.path / "project"
        project.mkdir()
        (project / "main.c").write_text(PROGRAM)
        (project / "Unikfile").write_text("name: screen\nlanguage: c\ntargets: [virtualbox]\n")
        image = workspace.build(project) / "disk-virtualbox.vdi"
        check(workspace, "BIOS", image, text_screen)
        check(workspace, "UEFI", image, frame_buffer,
              "-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}/OVMF_CODE_4M.fd",
              "-drive", f"if=pflash,format=raw,snapshot=on,file={OVMF}/OVMF_VARS_4M.fd")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
