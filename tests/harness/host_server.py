"""e2e/programs/mixed_server.c on this host, for guests that stand in front of a server."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from unik import SOURCE


class MixedServer:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="unik-host-server-"))
        program = self.folder / "server"
        subprocess.run(["gcc", "-O1", "-o", program, SOURCE / "tests/e2e/programs/mixed_server.c"],
                       check=True)  # fmt: skip
        self.process = subprocess.Popen([program, "0"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder)
