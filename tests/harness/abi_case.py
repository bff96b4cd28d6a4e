"""One test of the Linux ABI: a self-checking C program, built with musl and with glibc, runs on this
host and in a guest. Linux is the oracle: standard output and exit status must be the same."""

import subprocess
import sys
from pathlib import Path

from unik import Workspace

SCRATCH = Path(__file__).parent / "abi_scratch.h"
COMPILERS = {"musl": "musl-gcc", "glibc": "gcc"}


def main():
    source, libc = Path(sys.argv[1]), sys.argv[2]
    with Workspace(f"abi-{source.stem}") as workspace:
        program = workspace.path / source.stem
        subprocess.run([COMPILERS[libc], "-static", "-O1", "-g0", "-D_GNU_SOURCE", "-pthread",
                        "-Wall", "-Wno-unused-result", "-include", SCRATCH, "-o", program, source, "-lm"], check=True)
        scratch = workspace.path / "scratch"
        scratch.mkdir()
        host = subprocess.run([program], cwd=scratch, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120)
        assert host.returncode == 0, f"fails on the host:\n{host.stdout}{host.stderr}"
        project = workspace.binary_project(program, name=source.stem.replace("_", "-"),
                                           tmpfs="{/abi-scratch: 64M}")
        bundle = workspace.build(project)
        guest = workspace.unik("run", "--timeout", "150", bundle, deadline=200)
        shown = f"--- guest stdout\n{guest.stdout}\n--- guest stderr\n{guest.stderr}"
        assert guest.stdout == host.stdout, f"output differs from the host's\n{host.stdout}\n{shown}"
        assert guest.returncode == host.returncode, f"exit status {guest.returncode}\n{shown}"
    print(f"{source.stem} ({libc}): {host.stdout.count('ok ')} checks agree")


if __name__ == "__main__":
    main()
