"""The same image by each firmware: instructions from where the firmware lets go to hello's line.

Calibrating the clock waits for a millisecond to pass; how many instructions that takes depends on
what else the host does. So the plugin counts them apart; what is compared is without them."""

import re
import shutil
import statistics
import struct
import subprocess

HELLO = "hello, world"
SECONDS = 120
FIRMWARE = "/usr/share/OVMF"
KERNEL_BASE = 0xFFFF_FFFF_8010_0000  # where the image is linked; in the file it starts at 0x1000
AIM = 1.1
COUNTER = "<QQQQQ"  # count.c
# Who waits for time to pass: clock's calibration, and what it asks for the time, over and over.
WAITING = (r"os::clock::\(anonymous namespace\)::wait_for_timer\(", r"os::interrupts::timer_count\(")
# way: words, and the function of the kernel where counting begins
WAYS = {
    "direct": ("direct (PVH)", "unik_entry32"),
    "bios": ("SeaBIOS, its disk", "unik_entry32"),
    "uefi": ("OVMF, its disk", "unik_enter_image"),
    "uefi-services": ("OVMF, with its services that we call", "unik_uefi_entry"),
}


def symbols(bundle):
    """(address, size, name) of each of the kernel's functions and variables."""
    listed = subprocess.run(["nm", "-C", "-S", bundle / "kernel.debug"], capture_output=True, text=True,
                            check=True).stdout  # fmt: skip
    found = re.findall(r"^([0-9a-f]+)(?: ([0-9a-f]+))? \w (.+)$", listed, re.MULTILINE)
    return [(int(address, 16), int(size or "0", 16), name) for address, size, name in found]


def beginning(bundle, function):
    """The function's place in its page and its first bytes: code that may run at any address."""
    address = next(address for address, _, name in symbols(bundle) if name == function)
    start = address - KERNEL_BASE + 0x1000
    code = (bundle / "kernel.efi").read_bytes()[start : start + 8]
    return f"begin={address & 0xFFF:x}:{code.hex()}"


def waiting(bundle):
    """Where the kernel waits; it runs where it is linked, whoever loads it."""
    ranges = []
    for pattern in WAITING:
        found = [(address, size) for address, size, name in symbols(bundle)
                 if size and re.match(pattern, name)]  # fmt: skip
        if not found:
            raise SystemExit(f"scripts/bench/run: no function of the kernel matches {pattern}; "
                             "change WAITING in scripts/bench/firmware.py with the clock")  # fmt: skip
        ranges += [f"waiting={address:x}:{size:x}" for address, size in found]
    return ranges


def disk(bundle):
    file = next(bundle.glob("disk-*"))
    return ["-drive", f"file={file},if=none,id=disk,snapshot=on", "-device",
            "virtio-blk-pci,drive=disk,bootindex=1"]  # fmt: skip


def arguments(bench, bundle, way):
    if way == "direct":
        return ["-kernel", str(bundle / "kernel.elf"), *disk(bundle)]
    if way == "bios":
        return disk(bundle)
    variables = bench.work / "variables.fd"
    shutil.copy(f"{FIRMWARE}/OVMF_VARS_4M.fd", variables)
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}/OVMF_CODE_4M.fd",
            "-drive", f"if=pflash,format=raw,file={variables}", *disk(bundle)]  # fmt: skip


def boot(bench, bundle, way):
    console, counter = bench.work / "console", bench.work / "counter"
    console.write_bytes(b"")
    counter.write_bytes(bytes(struct.calcsize(COUNTER)))
    configuration = bench.work / "firmware.configuration"
    configuration.write_bytes(b"console=serial\0exit=debug\0")
    plugin = [str(bench.plugin), f"counter={counter}", f"console={console}",
              f"line={HELLO.replace(',', ',,')}", beginning(bundle, WAYS[way][1]),
              *waiting(bundle)]  # fmt: skip
    subprocess.run(
        ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
         "-accel", "tcg", "-cpu", "max", "-m", "128M", "-machine", "q35",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-serial", f"file:{console}",
         "-fw_cfg", f"name=opt/org.unik/configuration,file={configuration}",
         "-plugin", ",".join(plugin), *arguments(bench, bundle, way)],
        stdin=subprocess.DEVNULL, timeout=SECONDS, stdout=subprocess.DEVNULL)  # fmt: skip
    _, at_line, at_begin, _, waited = struct.unpack(COUNTER, counter.read_bytes())
    if at_line == 0 or at_begin == 0:
        raise SystemExit(f"scripts/bench/run: hello did not boot by {way}; the console:\n"
                         f"{console.read_bytes().decode(errors='replace')}")  # fmt: skip
    return {"with-waiting": at_line - at_begin, "without-waiting": at_line - at_begin - waited}


def measure(bench, bundle):
    figures = {}
    for way in WAYS:
        boots = [boot(bench, bundle, way) for _ in range(bench.boots + 2)]
        figures[way] = {key: statistics.median_low(each[key] for each in boots) for key in boots[0]}
        figures[way]["boots"] = boots
        spread = [each["without-waiting"] for each in boots]
        bench.say(f"hello by {way}: {figures[way]['without-waiting']:,} instructions "
                  f"({min(spread):,} to {max(spread):,})")  # fmt: skip
    return {"firmware": figures}


def table(figures):
    lines = ["| hello's line, from where the firmware lets go | with the clock's waiting | without "
             "| of direct | met |", "|---|--:|--:|--:|--:|"]  # fmt: skip
    for way, counts in figures.items():
        ratio = counts["without-waiting"] / figures["direct"]["without-waiting"]
        met = "–" if way in ("direct", "uefi-services") else "yes" if ratio <= AIM else "no"
        lines.append(f"| {WAYS[way][0]} | {counts['with-waiting']:,} "
                     f"| {counts['without-waiting']:,} | {ratio:.2f} × | {met} |")  # fmt: skip
    return "\n".join(lines)
