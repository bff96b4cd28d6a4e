"""The figures. Each function returns {figure: {"ours": …, "linux": …}}."""

import json
import re
import shutil
import statistics
import subprocess
import time
import urllib.request

from guest import ADDRESS, PORT, Guest

HELLO = "hello, world"
SERVING = "serving /srv/www"
CONNECTIONS = 16
# Deadlines, not waits. Software emulation on a busy machine is slow.
BOOT_SECONDS = {"ours": 60, "linux": 300}
# In KiB: step of the search, a size that is surely too small, and one that is surely enough.
MEMORY_STEPS = {"ours": (16, 256, 65536), "linux": (1024, 16384, 262144)}


def fetch(path="/", seconds=5):
    with urllib.request.urlopen(f"http://{ADDRESS}:{PORT}{path}", timeout=seconds) as reply:
        return reply.read()


def answers():
    """Ready means reachable: a printed line alone is no proof."""
    try:
        return b"It boots" in fetch(seconds=2)
    except OSError:
        return False


def must(holds, guest, what):
    if not holds:
        raise SystemExit(f"scripts/bench/run: {what}; the guest's last words:\n"
                         f"{guest.last_words()}")  # fmt: skip


def patient(seconds):
    """How long a boot may take that may also never end, by what one took that did."""
    return max(4, 4 * seconds)


def smallest_memory(boots, name):
    """Binary search between a size that fails and one that boots; in KiB."""
    step, low, high = (value for value in MEMORY_STEPS[name])
    size = max(low * 2, step)
    while size < high and not boots(size):
        low, size = size, size * 2
    high = size
    while high - low > step:
        middle = (low + high) // 2 // step * step
        if middle <= low:
            break
        if boots(middle):
            high = middle
        else:
            low = middle
    return high


def hello_instructions(bench, image, name):
    """From reset to the line, and how long to wait for a boot that may never end."""
    start = time.monotonic()
    with Guest(bench, image, 131072, counted=True, line=HELLO) as guest:
        must(guest.says(HELLO, BOOT_SECONDS[name]), guest, f"{name}: hello did not boot")
        patience = patient(time.monotonic() - start)
        guest.until(lambda: guest.instructions_at_line() or not guest.running(), patience)
        guest.stop()
        return guest.instructions_at_line(), patience


def hello(bench, images):
    shipped, memory, instructions = {}, {}, {}
    for name, image in images.items():
        shipped[name] = image.shipped_bytes()
        boots = [hello_instructions(bench, image, name) for _ in range(bench.boots)]
        instructions[name], patience = sorted(boots)[len(boots) // 2]
        bench.say(f"hello on {name}: {instructions[name]:,} instructions")

        def prints(size, image=image, patience=patience):
            with Guest(bench, image, size) as guest:
                return guest.says(HELLO, patience)

        memory[name] = smallest_memory(prints, name)
        bench.say(f"hello on {name}: {memory[name]:,} KiB")
    return {"hello-bytes": shipped, "hello-memory": memory, "hello-instructions": instructions}


def load(seconds):
    """Keep-alive requests from all connections; returns requests per second."""
    done = subprocess.run(["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--timeout",
                           "20s", f"http://{ADDRESS}:{PORT}/"],
                          capture_output=True, text=True, timeout=seconds + 60, check=True).stdout
    for fault in ("Socket errors", "Non-2xx"):
        if fault in done:
            raise SystemExit(f"scripts/bench/run: the load failed:\n{done}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1))


def served():
    return json.loads(fetch("/status"))["requests"]


def start_server(bench, image, name, **options):
    start = time.monotonic()
    guest = Guest(bench, image, 131072, network=True, **options)
    must(guest.says(SERVING, BOOT_SECONDS[name]), guest, f"{name}: the server did not start")
    must(guest.until(answers, 20), guest, f"{name}: the server does not answer")
    guest.seconds_to_boot = time.monotonic() - start
    load(1)
    return guest


def per_request(bench, image, name, seconds):
    with start_server(bench, image, name, counted=True, line=SERVING) as guest:
        boot = guest.instructions_at_line()
        before, start = served(), guest.instructions()
        load(seconds)
        after, end = served(), guest.instructions()
        return boot, (end - start) / (after - before)


def throughput(bench, image, name, seconds):
    with start_server(bench, image, name) as guest:
        before, start, clock = served(), guest.cpu_seconds(), time.monotonic()
        load(seconds)
        after, end = served(), guest.cpu_seconds()
        elapsed = time.monotonic() - clock
        requests = after - before
        return requests / elapsed, requests / (end - start), patient(guest.seconds_to_boot)


def server(bench, images):
    figures = {key: {} for key in ("server-bytes", "server-instructions-to-line",
                                   "server-instructions", "server-rate", "server-cpu-rate",
                                   "server-memory")}  # fmt: skip
    for name, image in images.items():
        figures["server-bytes"][name] = image.shipped_bytes()
        boot, each = per_request(bench, image, name, bench.seconds)
        figures["server-instructions-to-line"][name] = boot
        figures["server-instructions"][name] = round(each)
        bench.say(f"server on {name}: {each:,.0f} instructions per request")
        rate, cpu_rate, patience = throughput(bench, image, name, bench.seconds)
        figures["server-rate"][name] = round(rate)
        figures["server-cpu-rate"][name] = round(cpu_rate)
        bench.say(f"server on {name}: {rate:,.0f} requests/s, {cpu_rate:,.0f} per CPU second")

        def answers_in(size, image=image, patience=patience):
            with Guest(bench, image, size, network=True) as guest:
                return guest.says(SERVING, patience) and guest.until(answers, patience)

        figures["server-memory"][name] = smallest_memory(answers_in, name)
        bench.say(f"server on {name}: {figures['server-memory'][name]:,} KiB")
    return figures


def milliseconds(command, **options):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return (time.monotonic() - start) * 1000


COMPILER = ["musl-gcc", "-static", "-fno-pie", "-O2", "-g", "-ffunction-sections",
            "-fdata-sections", "-Wl,--gc-sections", "-Wl,--build-id=none"]  # fmt: skip


def rebuild(bench, project):
    """unik's own time beside that of the compiler called by hand on the same sources."""
    folder = bench.work / "rebuild"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("*.unik"))
    build = [bench.unik, "build", "-q", folder]
    source = folder / "main.c"
    text = source.read_text()
    milliseconds(build, env=bench.environment)
    rounds = {"unchanged": [], "line": [], "compiler": []}
    for number in range(bench.rounds):
        rounds["unchanged"].append(milliseconds(build, env=bench.environment))
        source.write_text(f"{text}\nint changed_{number}(void) {{ return {number}; }}\n")
        rounds["line"].append(milliseconds(build, env=bench.environment))
        sources = sorted(str(path) for path in folder.glob("*.c"))
        rounds["compiler"].append(milliseconds([*COMPILER, *sources, "-o", bench.work / "compiled"]))
    middle = {key: round(statistics.median(values)) for key, values in rounds.items()}
    return {"rebuild-unchanged": {"ours": middle["unchanged"]},
            "rebuild-line": {"ours": middle["line"], "compiler": middle["compiler"]}}  # fmt: skip
