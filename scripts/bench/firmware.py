"""The same image by each firmware: instructions from where the firmware lets go to hello's line.

The least of several boots: calibrating the clock takes a certain time, so its instructions vary with
what else the host does."""

import shutil
import struct
import subprocess

HELLO = "hello, world"
SECONDS = 120
FIRMWARE = "/usr/share/OVMF"
KERNEL_BASE = 0xFFFF_FFFF_8010_0000  # where the image is linked; in the file it starts at 0x1000
AIM = 1.1
# way: words, and the function of the kernel where counting begins
WAYS = {
    "direct": ("direct (PVH)", "unik_entry32"),
    "bios": ("SeaBIOS, its disk", "unik_entry32"),
    "uefi": ("OVMF, its disk", "unik_enter_image"),
    "uefi-services": ("OVMF, with its services that we call", "unik_uefi_entry"),
}


def beginning(bundle, function):
    """The function's place in its page and its first bytes: code that may run at any address."""
    symbols = subprocess.run(["nm", bundle / "kernel.debug"], capture_output=True, text=True,
                             check=True).stdout  # fmt: skip
    address = next(int(line.split()[0], 16) for line in symbols.splitlines()
                   if line.endswith(f" {function}"))  # fmt: skip
    start = address - KERNEL_BASE + 0x1000
    code = (bundle / "kernel.efi").read_bytes()[start : start + 8]
    return f"{address & 0xFFF:x}:{code.hex()}"


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
    counter.write_bytes(bytes(24))
    configuration = bench.work / "firmware.configuration"
    configuration.write_bytes(b"console=serial\0exit=debug\0")
    line = HELLO.replace(",", ",,")
    subprocess.run(
        ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
         "-accel", "tcg", "-cpu", "max", "-m", "128M", "-machine", "q35",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-serial", f"file:{console}",
         "-fw_cfg", f"name=opt/org.unik/configuration,file={configuration}",
         "-plugin", f"{bench.plugin},counter={counter},console={console},line={line},"
                    f"begin={beginning(bundle, WAYS[way][1])}",
         *arguments(bench, bundle, way)],
        stdin=subprocess.DEVNULL, timeout=SECONDS, stdout=subprocess.DEVNULL)  # fmt: skip
    _, at_line, at_begin = struct.unpack("<QQQ", counter.read_bytes())
    if at_line == 0 or at_begin == 0:
        raise SystemExit(f"scripts/bench/run: hello did not boot by {way}; the console:\n"
                         f"{console.read_bytes().decode(errors='replace')}")  # fmt: skip
    return at_line - at_begin


def measure(bench, bundle):
    figures = {}
    for way in WAYS:
        figures[way] = min(boot(bench, bundle, way) for _ in range(bench.boots + 4))
        bench.say(f"hello by {way}: {figures[way]:,} instructions")
    return {"firmware": figures}


def table(figures):
    lines = ["| hello's line, from where the firmware lets go | instructions | of direct | met |",
             "|---|--:|--:|--:|"]  # fmt: skip
    for way, count in figures.items():
        ratio = count / figures["direct"]
        met = "–" if way in ("direct", "uefi-services") else "yes" if ratio <= AIM else "no"
        lines.append(f"| {WAYS[way][0]} | {count:,} | {ratio:.2f} × | {met} |")
    return "\n".join(lines)
