"""Services in the languages that people use, beside Linux with the same files.

Linux gets the very root file system of our image: it is cut out of the kernel or the disk, the program
of a static image is added, and the tree is packed again by mkfs.erofs as a virtio disk."""

import http.client
import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import linux
from guest import ADDRESS, PORT, PREFIX, Guest, Image
from measure import must, patient, smallest_memory

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "manifests/examples"
PROJECTS = {"go": EXAMPLES / "http-go", "node": EXAMPLES / "http-node",
            "python": EXAMPLES / "http-python", "java": EXAMPLES / "http-java",
            "redis": HERE / "services/redis"}  # fmt: skip
# What a guest has while requests are counted, in KiB, and how long it may take to answer.
MEMORY = 524288
READY_SECONDS = 400
CONNECTIONS = 16
REDIS_REQUESTS = 20000
# As many for both systems, for what compiles while it runs.
WARM_UP_REQUESTS = {"go": 3000, "node": 10000, "python": 500, "java": 10000}

NAMES = {"go": "Go net/http", "node": "Node", "python": "Python", "java": "Java", "redis": "redis"}
FIGURES = {"request": ("instructions per request", ""), "get": ("instructions per GET", ""),
           "set": ("instructions per SET", ""), "memory": ("smallest memory that answers", "KiB"),
           "reachable": ("instructions from reset to reachable", ""), "bytes": ("bytes shipped", "")}
AIMS = {"go-request": 50_000}

EROFS_MAGIC = bytes.fromhex("e2e1f5e0")
EROFS_SUPERBLOCK = 1024
BLOCK = 4096
MODULES = (*linux.MODULES, "../lib/libcrc32c", "block/virtio_blk",
           "../fs/erofs/erofs")
INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
for module in {modules}; do
    /bin/busybox insmod /lib/$module.ko || exit 1
done
/bin/busybox ip link set lo up
/bin/busybox ip addr add {address}/{prefix} dev eth0
/bin/busybox ip link set eth0 up
/bin/busybox mount -t erofs -o ro /dev/vda /root || exit 1
for folder in proc sys dev tmp run; do
    kind=tmpfs
    [ $folder = proc ] && kind=proc
    [ $folder = sys ] && kind=sysfs
    [ $folder = dev ] && kind=devtmpfs
    /bin/busybox mount -t $kind $kind /root/$folder || exit 1
done
exec /bin/busybox env -i {variables} /bin/busybox chroot /root {words}
"""


def quoted(word):
    return "'" + word.replace("'", "'\\''") + "'"


def root_of(bundle, work):
    """The EROFS image in the kernel or on the disk as a file of its own; None where there is none."""
    raw = work / "disk"
    disks = list(bundle.glob("disk-*.qcow2"))
    holders = [bundle / "kernel.elf"]
    if disks:
        subprocess.run(["qemu-img", "convert", "-O", "raw", disks[0], raw], check=True)
        holders.append(raw)
    for holder in holders:
        data = holder.read_bytes()
        at = data.find(EROFS_MAGIC)
        while at >= 0:
            start = at - EROFS_SUPERBLOCK
            if start >= 0 and data[start:at].count(0) == EROFS_SUPERBLOCK:
                root = work / "root.erofs"
                root.write_bytes(data[start:])
                if not subprocess.run(["fsck.erofs", root], capture_output=True).returncode:
                    return root
            at = data.find(EROFS_MAGIC, at + 1)
    return None


def linux_image(bench, bundle, executable, record, name):
    work = bench.work / f"service-{name}"
    tree, ram = work / "tree", work / "ram"
    tree.mkdir(parents=True)
    root = root_of(bundle, work)
    if root is not None:
        subprocess.run(["fsck.erofs", f"--extract={tree}", "--overwrite", root], check=True,
                       stdout=subprocess.DEVNULL)
    program = tree / record["entrypoint"].lstrip("/")
    if not program.exists():
        linux.stripped(executable, program)
    for folder in ("proc", "sys", "dev", "tmp", "run"):
        (tree / folder).mkdir(exist_ok=True)
    disk = work / "linux.erofs"
    subprocess.run(["mkfs.erofs", disk, tree], check=True, stdout=subprocess.DEVNULL)
    for folder in ("bin", "lib", "proc", "dev", "root"):
        (ram / folder).mkdir(parents=True)
    shutil.copy2(shutil.which("busybox"), ram / "bin/busybox")
    words = [record["entrypoint"], *record.get("fixed_args", []), *record["args"]]
    (ram / "init").write_text(INIT.format(
        modules=" ".join(Path(module).name for module in MODULES), address=ADDRESS, prefix=PREFIX,
        variables=" ".join(map(quoted, record["env"])),
        words=" ".join(map(quoted, words))))  # fmt: skip
    (ram / "init").chmod(0o755)
    drivers = next(bench.kernel_folder.glob("lib/modules/*/kernel")) / "drivers"
    for module in MODULES:
        shutil.copy2(drivers / f"{module}.ko", ram / "lib")
    image = linux.image(bench.kernel_folder, ram, linux.SERVER_MACHINE)
    add_disk(image, "virtio-blk-pci", disk, "raw")
    return image


def add_disk(image, device, path, kind):
    image.arguments += ["-drive", f"file={path},format={kind},if=none,id=disk0,snapshot=on",
                        "-device", f"{device},drive=disk0"]  # fmt: skip
    image.files.append(path)


def variables(kernel):
    """NAME=VALUE of the environment, out of the configuration in the kernel."""
    return [found.decode() for found in re.findall(rb"\0env=([A-Za-z_]\w*=[^\0]*)(?=\0)",
                                                   kernel.read_bytes())]  # fmt: skip


def images_of(bench, name):
    ours, bundle, executable = bench.build_bundle(PROJECTS[name], name)
    record = json.loads((bundle / "image.json").read_text())
    record["env"] = variables(bundle / "kernel.elf")
    if record.get("root", {}).get("place") == "disk":
        add_disk(ours, "virtio-blk-device", bundle / "disk-qemu.qcow2", "qcow2")
        ours.files.remove(ours.kernel)  # the disk has it
    images = {"ours": ours}
    if bench.kernel_folder:
        images["linux"] = linux_image(bench, bundle, executable, record, name)
    return images


def answers_http():
    connection = http.client.HTTPConnection(ADDRESS, PORT, timeout=20)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def answers_redis():
    done = subprocess.run(["redis-cli", "-h", ADDRESS, "-p", str(PORT), "ping"],
                          capture_output=True, text=True)
    return done.stdout.strip() == "PONG"


def load_http(seconds):
    """Returns how many requests were answered."""
    done = subprocess.run(["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--timeout",
                           "20s", f"http://{ADDRESS}:{PORT}/"],
                          capture_output=True, text=True, timeout=seconds + 120, check=True).stdout
    if "Socket errors" in done or "Non-2xx" in done:
        raise SystemExit(f"scripts/bench/run: the load failed:\n{done}")
    return int(re.search(r"(\d+) requests in", done).group(1))


def load_redis(operation):
    subprocess.run(["redis-benchmark", "-h", ADDRESS, "-p", str(PORT), "-t", operation, "-n",
                    str(REDIS_REQUESTS), "-c", str(CONNECTIONS), "-q"], check=True,
                   stdout=subprocess.DEVNULL, timeout=600)  # fmt: skip
    return REDIS_REQUESTS


def warm_up(bench, name):
    if name == "redis":
        for operation in ("get", "set"):
            load_redis(operation)
        return
    done = 0
    while done < WARM_UP_REQUESTS[name]:
        done += load_http(bench.seconds)


def loads_of(bench, name):
    """{figure's end: what makes the load and returns its requests}"""
    if name == "redis":
        return {"get": lambda: load_redis("get"), "set": lambda: load_redis("set")}
    return {"request": lambda: load_http(bench.seconds)}


def measure_guest(bench, image, name, system, ready):
    figures = {}
    start = time.monotonic()
    with Guest(bench, image, MEMORY, network=True, counted=True) as guest:
        must(guest.until(ready, READY_SECONDS), guest, f"{name} on {system}: no answer")
        figures["reachable"] = guest.instructions()
        patience = patient(time.monotonic() - start)
        warm_up(bench, name)
        for end, load in loads_of(bench, name).items():
            before = guest.instructions()
            requests = load()
            figures[end] = round((guest.instructions() - before) / requests)
            bench.say(f"{name} on {system}: {figures[end]:,} instructions per {end}")

    def answers_in(size):
        with Guest(bench, image, size, network=True) as guest:
            return guest.until(ready, patience)

    figures["memory"] = smallest_memory(answers_in, system)
    bench.say(f"{name} on {system}: {figures['memory']:,} KiB")
    figures["bytes"] = image.shipped_bytes()
    return figures


def measure(bench, names):
    figures = {}
    for name in names:
        ready = answers_redis if name == "redis" else answers_http
        for system, image in images_of(bench, name).items():
            for end, value in measure_guest(bench, image, name, system, ready).items():
                figures.setdefault(f"{name}-{end}", {})[system] = value
    return figures


def rows():
    """For report.py's table: {figure: (words, unit, less is better, aim)}."""
    return {f"{name}-{end}": (f"{words}: {what}", unit, True, AIMS.get(f"{name}-{end}"))
            for name, words in NAMES.items() for end, (what, unit) in FIGURES.items()}  # fmt: skip
