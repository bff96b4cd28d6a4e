#!/usr/bin/env -S python3 -B
"""CPython's own tests in guests: Debian's Python and its test modules in one image, booted once for
each batch of modules. modules.txt says which modules run, and why others do not.

    run.py PART PARTS      every PARTSth of the modules that CI runs, from the PARTth on
    run.py all             every module, the slow ones too
    run.py MODULE…         these

Every module must pass: what a module says when it fails stands in the output."""

import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from unik import DEADLINE, Workspace

HERE = Path(__file__).resolve().parent
LIBRARY = Path("/usr/lib/python3.11")
ZONES = Path("/usr/share/zoneinfo")
# What no module of the list reads, and is large.
LEFT_OUT = {"config-3.11-x86_64-linux-gnu", "idlelib", "tkinter", "ensurepip", "test_tools",
            "test_peg_generator", "turtledemo"}
UNIKFILE = """\
name: cpython
language: binary
build: {output: /usr/bin/python3.11}
args: [/srv/runner.py]
env: {LANG: C.UTF-8, HOME: /root, PATH: /usr/bin:/bin}
resources: {memory: 512M}
files:
  - {from: library, to: /usr/lib/python3.11}
  - {from: runner.py, to: /srv/}
  - {from: etc, to: /etc}
  - {from: zoneinfo, to: /usr/share/zoneinfo}
tmpfs: {/tmp: 256M, /root: 16M}
"""
# What tests look up.
ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "group": "root:x:0:\nstaff:x:50:root\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "services": "echo 7/tcp\necho 7/udp\ndaytime 13/tcp\ndaytime 13/udp\ntelnet 23/tcp\n"
                "smtp 25/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp\nhttps 443/tcp\n",
    "protocols": "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6 41 IPv6\n",
}
AT_LEAST = 150
BATCH = 60
LIMIT = 300  # seconds for a module, on a busy machine


class Modules:
    """modules.txt: `run` and `slow` modules, and the tests in them that are left out."""

    def __init__(self, path):
        self.quick, self.slow, self.left, self.without = [], [], [], []
        for line in path.read_text().splitlines():
            words = line.split("#")[0].split()
            if not words:
                continue
            assert len(words) == 2, f"{path}: {line}"
            reason = line.partition("#")[2].strip()
            assert words[0] in ("run", "slow") or reason, f"{path}: no reason: {line}"
            {"run": self.quick, "slow": self.slow, "leave": self.left,
             "without": self.without}[words[0]].append(words[1])  # fmt: skip
        everything = self.quick + self.slow + self.left
        assert len(set(everything)) == len(everything), f"{path}: a module is listed twice"


def stage_library(folder):
    """The library with its compiled files, which must not go by the sources' times: an image has but
    one time. PEP 552: flags of 1 make them count unchecked."""
    shutil.copytree(LIBRARY, folder, ignore=lambda _, names: LEFT_OUT & set(names))
    for compiled in folder.rglob("*.pyc"):
        with open(compiled, "r+b") as file:
            file.seek(4)
            file.write(b"\1\0\0\0")


def build(workspace):
    project = workspace.path / "project"
    project.mkdir()
    stage_library(project / "library")
    shutil.copytree(ZONES, project / "zoneinfo", ignore=shutil.ignore_patterns("posix", "right"))
    shutil.copy(HERE / "runner.py", project)
    (project / "etc").mkdir()
    for name, text in ETC.items():
        (project / "etc" / name).write_text(text)
    (project / "Unikfile").write_text(UNIKFILE)
    # Not of 1970: archives have no such times.
    bundle = workspace.build(project, environment={"SOURCE_DATE_EPOCH": "1700000000"})
    shutil.rmtree(project)
    return bundle


def run_batch(workspace, bundle, modules, without):
    """One guest; returns the outcome of each module that came to its end."""
    deadline = DEADLINE + LIMIT * 3
    done = workspace.unik("run", "--timeout", str(deadline), bundle, "--", "/srv/runner.py",
                          f"limit={LIMIT}", *(f"-{test}" for test in without), *modules,
                          deadline=deadline + 60)
    print(done.stdout, done.stderr[-4000:], sep="\n", flush=True)
    return dict(re.findall(r"^(test_\w+) (passed|failed|skipped) \d+ \d+ [\d.]+$", done.stdout,
                           re.MULTILINE))


def check_list(modules):
    """Every module of the installed library stands in the list."""
    installed = {path.stem for path in (LIBRARY / "test").glob("test_*")
                 if path.suffix == ".py" or path.is_dir()}
    listed = set(modules.quick + modules.slow + modules.left)
    assert installed == listed, f"not listed: {sorted(installed - listed)}; " \
                                f"not installed: {sorted(listed - installed)}"
    assert len(modules.quick) >= AT_LEAST, f"only {len(modules.quick)} modules"


def main():
    modules = Modules(HERE / "modules.txt")
    check_list(modules)
    words = sys.argv[1:]
    if words == ["all"]:
        chosen = modules.quick + modules.slow
    elif len(words) == 2 and words[0].isdigit():
        chosen = modules.quick[int(words[0]) - 1::int(words[1])]
    else:
        chosen = words
    outcomes = {}
    with Workspace("cpython") as workspace:
        bundle = build(workspace)
        for first in range(0, len(chosen), BATCH):
            outcomes |= run_batch(workspace, bundle, chosen[first:first + BATCH], modules.without)
        wrong = [f"{name}: {outcomes.get(name, 'did not end')}" for name in chosen
                 if outcomes.get(name) != "passed"]
        assert not wrong, "\n".join(wrong)
    print(f"{len(outcomes)} modules passed")


if __name__ == "__main__":
    main()
