"""An image holds what its program uses, and nothing else."""

import json
import unittest

from unik import Workspace

PROGRAMS = {
    "plain": '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
    "threads": "#include <pthread.h>\n"
               "static void *run(void *p) { return p; }\n"
               "int main(void) { pthread_t t; return pthread_create(&t, 0, run, 0) ||"
               " pthread_join(t, 0); }\n",
    "socket": "#include <sys/socket.h>\n#include <netinet/in.h>\n"
              "int main(void) { struct sockaddr_in a = {.sin_family = AF_INET};\n"
              "int s = socket(AF_INET, SOCK_DGRAM, 0);\n"
              "return bind(s, (struct sockaddr *)&a, sizeof a); }\n",
}
NETWORK = {"lwip", "sockets", "linux-sockets", "net-core", "virtio-net"}
DISKS = {"block", "virtio-requests", "virtio-blk", "virtio-scsi", "scsi"}


class SelectionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("selection")
        cls.images, cls.sizes, cls.status = {}, {}, {}
        for name, source in PROGRAMS.items():
            project = cls.workspace.path / name
            project.mkdir()
            (project / "main.c").write_text(source)
            (project / "Unikfile").write_text(f"name: {name}\nlanguage: c\n")
            bundle = cls.workspace.build(project)
            image = json.loads((bundle / "image.json").read_text())
            cls.images[name] = {part["name"]: part for part in image["components"]}
            cls.sizes[name] = (bundle / "kernel.elf").stat().st_size
            cls.status[name] = cls.workspace.unik("run", "-q", bundle).returncode

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def test_all_run(self):
        self.assertEqual(set(self.status.values()), {0}, self.status)

    def test_no_socket_no_network(self):
        for name in ("plain", "threads"):
            self.assertEqual(NETWORK & self.images[name].keys(), set(), name)

    def test_a_socket_brings_the_network(self):
        self.assertLessEqual(NETWORK, self.images["socket"].keys())
        self.assertGreater(self.sizes["socket"], self.sizes["plain"] + 100_000)

    def test_one_thread_needs_no_calls_for_threads(self):
        self.assertIn("linux-threads", self.images["threads"])
        for part in ("linux-sockets", "linux-time", "linux-events", "linux-pipes"):
            self.assertNotIn(part, self.images["plain"])

    def test_disks_come_only_to_those_who_ask(self):
        for name in PROGRAMS:
            self.assertEqual(DISKS & self.images[name].keys(), set(), name)
        project = self.workspace.path / "plain"
        (project / "Unikfile").write_text(
            "name: plain\nlanguage: c\ncomponents: {add: [block-files]}\n")
        image = json.loads((self.workspace.build(project) / "image.json").read_text())
        self.assertLessEqual(DISKS, {part["name"] for part in image["components"]})

    def test_every_component_says_why_it_is_in(self):
        for image in self.images.values():
            for part in image.values():
                if part["layer"] != "image": # the program's own parts
                    self.assertTrue(part.get("reasons"), part)


if __name__ == "__main__":
    unittest.main()
