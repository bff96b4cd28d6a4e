"""The table for people and build/bench.json for programs."""

import datetime
import json
import platform
import subprocess

import services

# figure: (words, unit, whether less is better, aim)
FIGURES = {
    "hello-bytes": ("hello: bytes shipped", "", True, 100_000),
    "hello-memory": ("hello: smallest memory", "KiB", True, 1280),
    "hello-instructions": ("hello: instructions from reset to its line", "", True, 300_000),
    "server-bytes": ("C server: bytes shipped", "", True, None),
    "server-instructions-to-line": ("C server: instructions from reset to its line", "", True, None),
    "server-instructions": ("C server: instructions per request", "", True, 6_000),
    "server-rate": ("C server: requests per second", "", False, None),
    "server-cpu-rate": ("C server: requests per second of QEMU CPU", "", False, 12_000),
    "server-memory": ("C server: smallest memory that answers", "KiB", True, 3072),
    "cost-system-call": ("system call (getppid): instructions", "", True, None),
    "cost-futex-wake": ("futex wake without a waiter: instructions", "", True, None),
    "cost-turn": ("two threads, a turn each by futex: instructions", "", True, None),
    "cost-page-fault": ("page fault (anonymous, 4 KiB): instructions", "", True, None),
    "cost-mmap": ("mmap and munmap of 64 KiB: instructions", "", True, None),
    "cost-mmap-touch": ("the same with one page touched: instructions", "", True, None),
    **services.rows(),
    "rebuild-unchanged": ("rebuild, unchanged", "ms", True, 100),
    "rebuild-line": ("rebuild, one line changed", "ms", True, None),
}


def number(value, unit):
    return "–" if value is None else f"{value:,} {unit}".strip()


def aim_of(key, values):
    if key == "rebuild-line":
        return values["compiler"] + 200
    return FIGURES[key][3]


def row(key, values):
    words, unit, less, _ = FIGURES[key]
    ours, linux, aim = values["ours"], values.get("linux"), aim_of(key, values)
    ratio = met = "–"
    if linux:
        ratio = f"{(linux / ours) if less else (ours / linux):,.1f} ×"
    if aim is not None:
        met = "yes" if (ours <= aim if less else ours >= aim) else "no"
    if "compiler" in values:
        words += f" (compiler alone {values['compiler']} ms)"
    return [words, number(linux, unit), number(ours, unit), ratio, number(aim, unit), met]


def table(figures):
    head = ["", "Linux 6.1 cloud", "unik", "better by", "aim", "met"]
    rows = [head, *(row(key, figures[key]) for key in FIGURES if key in figures)]
    widths = [max(len(r[i]) for r in rows) for i in range(len(head))]

    def line(cells):
        first = cells[0].ljust(widths[0])
        return "| " + " | ".join([first, *(c.rjust(w) for c, w in zip(cells[1:], widths[1:]))]) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:])]) + "|"
    return "\n".join([line(head), rule, *map(line, rows[1:])])


def first_line(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    return done.stdout.splitlines()[0].strip() if done.stdout else "unknown"


def conditions(source, kernel):
    cpus = [line for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": first_line(["git", "describe", "--always", "--dirty"], cwd=source),
        "machine": f"{len(cpus)} × {cpus[0].split(':')[1].strip()}, Linux {platform.release()}",
        "qemu": first_line(["qemu-system-x86_64", "--version"]),
        "linux": kernel or "not measured",
    }


def write(path, facts, figures):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**facts, "figures": figures}, indent=2) + "\n")
