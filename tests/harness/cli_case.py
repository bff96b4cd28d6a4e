"""One test of the real command: a folder with

    command   the arguments, one line, as for sh ($CASE is the folder's copy)
    stdout    expected standard output, exactly (left out: not looked at)
    stderr    expected standard error, exactly; lines that begin with "~ " are regular expressions
    status    expected exit status (left out: 0)
    input/    copied into the working folder before

Paths of the working folder show as $CASE in the output."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from unik import UNIK, Workspace


def lines_match(expected, actual):
    expected, actual = expected.splitlines(), actual.splitlines()
    if len(expected) != len(actual):
        return False
    return all(re.fullmatch(e[2:], a) if e.startswith("~ ") else e == a
               for e, a in zip(expected, actual))


def main():
    case = Path(sys.argv[1])
    with Workspace(f"cli-{case.name}") as workspace:
        folder = workspace.path / "case"
        if (case / "input").is_dir():
            shutil.copytree(case / "input", folder, symlinks=True)
        else:
            folder.mkdir()
        command = (case / "command").read_text().strip()
        done = subprocess.run(["sh", "-c", command], cwd=folder,
                              env=dict(workspace.environment, CASE=str(folder), unik=UNIK),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=120)
        status = int((case / "status").read_text()) if (case / "status").exists() else 0
        shown = f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
        assert done.returncode == status, f"exit status {done.returncode}, expected {status}\n{shown}"
        for name, text in (("stdout", done.stdout), ("stderr", done.stderr)):
            if (case / name).exists():
                actual = text.replace(str(folder), "$CASE")
                assert lines_match((case / name).read_text(), actual), f"{name} differs\n{shown}"
    print(f"{case.name}: ok")


if __name__ == "__main__":
    main()
