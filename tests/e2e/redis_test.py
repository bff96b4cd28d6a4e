"""A third-party C server, built from its Debian source package with no patch: Redis, static against
musl by its own Makefile, spoken to by Debian's redis-cli and redis-benchmark."""

import shutil
import subprocess
import unittest

from unik import SOURCE, Workspace

UNIKFILE = """\
name: redis
language: c
build:
  command: >-
    make -C src redis-server CC=musl-gcc MALLOC=libc LDFLAGS=-static OPTIMIZATION=-O1
    USE_SYSTEMD=no DEBUG= V=1 -j2
  output: src/redis-server
args: [--save, "", --protected-mode, "no", --bind, 0.0.0.0]
expose: [6379]
resources: {memory: 96M}
"""


class Redis(unittest.TestCase):
    def test_an_unpatched_redis_serves(self):
        with Workspace("redis") as workspace:
            fetched = subprocess.run([SOURCE / "scripts/fetch-debian-source", "redis"], check=True,
                                     capture_output=True, text=True).stdout.strip()
            project = workspace.path / "redis"
            shutil.copytree(fetched, project)
            (project / "Unikfile").write_text(UNIKFILE)
            bundle = workspace.build(project, deadline=500)
            with workspace.guest(bundle, "-p", "0:6379") as guest:
                port = str(guest.port())

                def cli(*words):
                    return subprocess.run(["redis-cli", "-p", port, *words], check=True, text=True,
                                          capture_output=True, timeout=60).stdout.strip()

                self.assertEqual(cli("ping"), "PONG")
                self.assertEqual(cli("set", "greeting", "hello"), "OK")
                self.assertEqual(cli("get", "greeting"), "hello")
                self.assertEqual(cli("rpush", "list", "a", "b", "c"), "3")
                self.assertEqual(cli("lrange", "list", "0", "-1").split(), ["a", "b", "c"])
                self.assertEqual(cli("eval", "return 6*7", "0"), "42")
                self.assertIn("redis_version:7.0.15", cli("info", "server"))
                benchmark = subprocess.run(
                    ["redis-benchmark", "-p", port, "-q", "-n", "2000", "-c", "20", "-t",
                     "set,get,incr,lpush"], check=True, capture_output=True, text=True, timeout=120)
                self.assertEqual(benchmark.stdout.count("requests per second"), 4, benchmark.stdout)
                self.assertEqual(guest.stop(), 0)
                self.assertIn("ready to exit", guest.stdout)


if __name__ == "__main__":
    unittest.main()
