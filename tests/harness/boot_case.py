"""One boot test: a folder with a tiny guest and expect.json.

    status   exit status of `unik run`
    stdout   the program's whole output, exactly (left out: not looked at)
    stderr   regular expressions, each of which must match somewhere in unik's and the program's
             standard error
    absent   regular expressions that must not
    run      further arguments of `unik run`
    args     arguments of the program
    host     true: the same program also runs on this host, and output and status must agree
    ways     how to boot; default: ["kernel"]
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from unik import Workspace


def check(case, expected, done):
    shown = f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
    assert done.returncode == expected["status"], f"exit status {done.returncode}\n{shown}"
    if "stdout" in expected:
        assert done.stdout == expected["stdout"], f"stdout differs\n{shown}"
    for pattern in expected.get("stderr", []):
        assert re.search(pattern, done.stderr, re.MULTILINE), f"no {pattern!r} in stderr\n{shown}"
    for pattern in expected.get("absent", []):
        assert not re.search(pattern, done.stderr, re.MULTILINE), f"{pattern!r} in stderr\n{shown}"


def run_on_host(case, expected, workspace):
    program = workspace.path / "host-program"
    sources = sorted(str(p) for p in case.glob("*.c"))
    subprocess.run(["musl-gcc", "-static", "-O1", "-o", program, *sources], check=True)
    done = subprocess.run([program, *expected.get("args", [])], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == expected["status"], f"on the host: exit status {done.returncode}"
    assert done.stdout == expected["stdout"], f"on the host: stdout {done.stdout!r}"


def main():
    case = Path(sys.argv[1])
    expected = json.loads((case / "expect.json").read_text())
    with Workspace(case.name) as workspace:
        if expected.get("host"):
            run_on_host(case, expected, workspace)
        bundle = workspace.build(case)
        for way in expected.get("ways", ["kernel"]):
            arguments = ["--boot", way, "--timeout", "120", *expected.get("run", []), bundle]
            if "args" in expected:
                arguments += ["--", *expected["args"]]
            check(case, expected, workspace.unik("run", *arguments, deadline=180))
    print(f"{case.name}: ok")


if __name__ == "__main__":
    main()
