"""Instructions of single operations: costs/main.c says when each begins and ends."""

from guest import Guest
from measure import BOOT_SECONDS, must

OPERATIONS = ("system-call", "futex-wake", "turn", "page-fault", "mmap", "mmap-touch")
MEMORY = 131072  # KiB
OPERATION_SECONDS = 120


def count(bench, image, name):
    """{operation: instructions of one}."""
    each = {}
    with Guest(bench, image, MEMORY, counted=True) as guest:
        must(guest.says(f"{OPERATIONS[0]} begins", BOOT_SECONDS[name]), guest,
             f"{name}: costs did not start")  # fmt: skip
        for operation in OPERATIONS:
            marks = []
            for what in ("begins", "ends"):
                must(guest.says(f"{operation} {what}", OPERATION_SECONDS), guest,
                     f"{name}: '{operation} {what}' was not said")  # fmt: skip
                marks.append(guest.instructions())
            line = next(text for text in guest.console.read_text(errors="replace").splitlines()
                        if text.startswith(f"{operation} ends"))
            each[operation] = round((marks[1] - marks[0]) / int(line.split()[2]))
            bench.say(f"{operation} on {name}: {each[operation]:,} instructions")
    return each


def measure(bench, images):
    figures = {f"cost-{operation}": {} for operation in OPERATIONS}
    for name, image in images.items():
        for operation, instructions in count(bench, image, name).items():
            figures[f"cost-{operation}"][name] = instructions
    return figures
