"""Signatures: `unik sign` and `unik verify` beside minisign, the same file and key, turn by turn."""

import os
import statistics
import subprocess
import time

SIZE = 256 << 20


def timed(command, environment, folder):
    start = time.perf_counter()
    subprocess.run(command, check=True, env=environment, cwd=folder, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(bench):
    folder = bench.work / "signatures"
    folder.mkdir()
    with open(folder / "data", "wb") as data:
        for _ in range(SIZE >> 20):
            data.write(os.urandom(1 << 20))
    timed([bench.unik, "keygen", "-o", "key", "--no-passphrase"], bench.environment, folder)
    commands = {
        ("sign", "unik"): [bench.unik, "sign", "data", "--sign-key", "key.key"],
        ("sign", "minisign"): ["minisign", "-S", "-H", "-s", "key.key", "-m", "data"],
        ("verify", "unik"): [bench.unik, "verify", "data", "--key", "key.pub"],
        ("verify", "minisign"): ["minisign", "-V", "-H", "-p", "key.pub", "-m", "data"],
    }
    seconds = {name: [] for name in commands}
    for _ in range(bench.rounds):
        for name, command in commands.items():
            seconds[name].append(timed(command, bench.environment, folder))
    bench.say("signatures: done")
    return {"signatures": {f"{what} {who}": statistics.median(values)
                           for (what, who), values in seconds.items()}}


def table(figures):
    lines = [f"{SIZE >> 20} MiB of noise, seconds       unik   minisign   ratio"]
    for what in ("sign", "verify"):
        ours, theirs = figures[f"{what} unik"], figures[f"{what} minisign"]
        lines.append(f"{what:<32}{ours:7.2f}{theirs:11.2f}{ours / theirs:8.2f}")
    return "\n".join(lines)
