"""Containers: `unik convert` beside `qemu-img convert`, the same disk, turn by turn."""

import json
import os
import random
import resource
import statistics
import subprocess
import time

DISK_SIZE = 1 << 30
DATA_SIZE = 64 << 20
# Ours, and how qemu-img is told. The last two it does not write: GNU tar makes the one, nothing
# else here the other.
FORMATS = [
    ("raw", [], ["-O", "raw"]),
    ("qcow2", [], ["-O", "qcow2"]),
    ("qcow2, zlib", ["--compress", "zlib"], ["-O", "qcow2", "-c"]),
    ("qcow2, zstd", ["--compress", "zstd"],
     ["-O", "qcow2", "-c", "-o", "compression_type=zstd"]),
    ("vmdk", [], ["-O", "vmdk"]),
    ("vmdk-stream", [], ["-O", "vmdk", "-o", "subformat=streamOptimized"]),
    ("vdi", [], ["-O", "vdi"]),
    ("vhd", [], ["-O", "vpc", "-o", "force_size=on"]),
    ("vhd-fixed", [], ["-O", "vpc", "-o", "subformat=fixed,force_size=on"]),
    ("vhdx", [], ["-O", "vhdx"]),
    ("ova", [], None),
    ("gce", [], "tar"),
]  # fmt: skip


def make_disk(path):
    """64 MiB of machine code, text and noise, strewn over 1 GiB. Always the same."""
    source = random.Random(3)
    code = b"".join(open(program, "rb").read() for program in
                    ("/usr/bin/qemu-img", "/usr/bin/qemu-system-x86_64"))[: 24 << 20]  # fmt: skip
    with open(path, "wb") as disk:
        disk.truncate(DISK_SIZE)
        written, position, taken = 0, 1 << 20, 0
        while written < DATA_SIZE:
            length = min(source.choice((4096, 65536, 300_000, 1 << 20, 3 << 20)), DATA_SIZE - written)
            kind = source.random()
            if kind < 0.45:
                piece = code[taken : taken + length]
                taken = (taken + length) % (len(code) - (3 << 20))
            elif kind < 0.75:
                piece = source.randbytes(length)
            else:
                piece = (b"a line of text, number %d\n" % written * (length // 20 + 1))[:length]
            disk.seek(position)
            disk.write(piece)
            written += length
            position += -(-length // 4096) * 4096 + source.choice((0, 4096, 65536, 1 << 20, 4 << 20))


def timed(command, output):
    """Seconds, CPU seconds, size and allocated bytes of what the command writes."""
    output.unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = output.stat()
    return {"seconds": seconds, "bytes": status.st_size, "allocated": status.st_blocks * 512,
            "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}  # fmt: skip


def middle(runs):
    return {key: round(statistics.median(run[key] for run in runs), 4) if key in ("seconds", "cpu")
            else runs[-1][key] for key in runs[0]}  # fmt: skip


def measure(bench):
    folder = bench.work / "containers"
    folder.mkdir()
    disk = folder / "disk.raw"
    make_disk(disk)
    outputs = {"ours": folder / "ours", "theirs": folder / "theirs"}
    figures = {}
    for name, options, theirs in FORMATS:
        commands = {"ours": [bench.unik, "convert", "-q", disk, "--to", name.split(",")[0],
                             *options, "-o", outputs["ours"]]}  # fmt: skip
        if theirs == "tar":
            commands["theirs"] = ["tar", "--format=oldgnu", "-C", folder, "-Sczf",
                                  outputs["theirs"], "disk.raw"]  # fmt: skip
        elif theirs:
            commands["theirs"] = ["qemu-img", "convert", "-f", "raw", *theirs, disk,
                                  outputs["theirs"]]  # fmt: skip
        runs = {who: [] for who in commands}
        for _ in range(bench.rounds):
            for who, command in commands.items():
                os.sync()  # what the run before left to write is not charged to this one
                runs[who].append(timed(command, outputs[who]))
        figures[name] = {who: middle(measured) for who, measured in runs.items()}
        bench.say(f"{name}: {json.dumps(figures[name])}")
    return {"containers": figures}


def table(figures):
    lines = ["| a disk of 1 GiB, 64 MiB of it data | qemu-img | unik | time | bytes qemu-img | "
             "bytes unik | bytes | met |", "|---|--:|--:|--:|--:|--:|--:|--:|"]  # fmt: skip
    for name, values in figures.items():
        ours, theirs = values["ours"], values.get("theirs")
        if not theirs:
            lines.append(f"| {name} | – | {ours['seconds'] * 1000:,.0f} ms | – | – | "
                         f"{ours['bytes']:,} | – | – |")  # fmt: skip
            continue
        speed = ours["seconds"] / theirs["seconds"]
        size = ours["bytes"] / theirs["bytes"]
        met = "yes" if speed <= 1 and size <= 1 else "no"
        words = name
        if name == "gce":  # the aim is qemu-img, which does not write it
            words, met = f"{name} (GNU tar)", "–"
        lines.append(f"| {words} | {theirs['seconds'] * 1000:,.0f} ms | "
                     f"{ours['seconds'] * 1000:,.0f} ms | {speed:.2f} × | {theirs['bytes']:,} | "
                     f"{ours['bytes']:,} | {size:.3f} × | {met} |")  # fmt: skip
    return "\n".join(lines)
