"""`unik convert` against the tools of others: qemu-img reads and checks what we write, we read what
qemu-img writes, and the same disk gives the same bytes anywhere."""

import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import tarfile
import time
import unittest
import xml.dom.minidom

from unik import UNIK, Workspace

# Our format and compression, and what qemu-img calls it.
QEMU_KNOWS = [
    ("raw", None, "raw"), ("qcow2", None, "qcow2"), ("qcow2", "zlib", "qcow2"),
    ("qcow2", "zstd", "qcow2"), ("vmdk", None, "vmdk"), ("vmdk-stream", None, "vmdk"),
    ("vdi", None, "vdi"), ("vhd", None, "vpc"), ("vhd-fixed", None, "vpc"),
    ("vhdx", None, "vhdx")]  # fmt: skip
OURS = [(name, compression) for name, compression, _ in QEMU_KNOWS] + [("ova", None), ("gce", None)]
CHECKED = {"qcow2", "vdi", "vmdk", "vhdx"}
QEMU_WRITES = [
    ("qcow2",), ("qcow2", "-o", "compat=0.10"), ("qcow2", "-o", "cluster_size=512"), ("qcow2", "-c"),
    ("qcow2", "-c", "-o", "compression_type=zstd"), ("qcow2", "-c", "-o", "cluster_size=2M"),
    ("qcow2", "-o", "preallocation=metadata"), ("vdi",), ("vhdx",), ("vhdx", "-o", "subformat=fixed"),
    ("vpc", "-o", "force_size=on"), ("vpc", "-o", "subformat=fixed,force_size=on"),
    ("vmdk", "-o", "subformat=monolithicSparse"), ("vmdk", "-o", "subformat=streamOptimized"),
    ("vmdk", "-o", "zeroed_grain=on")]  # fmt: skip


def mixed_disk(path, size=40 << 20, seed=1):
    """Text, noise and holes with odd borders. A whole number of MiB: every format takes that."""
    source = random.Random(seed)
    with open(path, "wb") as disk:
        disk.truncate(size)
        position = 0
        while True:
            position += source.choice((512, 4096, 70_000, 3 << 20))
            length = source.choice((512, 10_000, 65_536, 400_000))
            if position + length > size:
                return path
            disk.seek(position)
            disk.write(source.randbytes(length) if source.random() < 0.5
                       else (b"a line of text %d\n" % position * length)[:length])
            position += length


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Convert(unittest.TestCase):
    def setUp(self):
        context = Workspace("convert")
        self.workspace = self.enterContext(context)
        self.disk = mixed_disk(self.workspace.path / "disk.img")

    def tool(self, *command):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120,
                              cwd=self.workspace.path)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def convert(self, source, form, compression=None, output=None, environment=None):
        output = output or self.workspace.path / f"{form}-{compression}.out"
        more = ["--compress", compression] if compression else []
        done = self.workspace.unik("convert", source, "--to", form, "-o", output, *more,
                                   environment=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return output

    def refuse(self, code, what, *arguments):
        done = self.workspace.unik("convert", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(f"[{what}]", done.stderr)

    def test_qemu_finds_the_same_disk_and_no_fault(self):
        for form, compression, theirs in QEMU_KNOWS:
            with self.subTest(form=form, compression=compression):
                image = self.convert(self.disk, form, compression)
                if theirs in CHECKED:
                    self.assertIn("No errors", self.tool("qemu-img", "check", "-f", theirs, image))
                information = json.loads(
                    self.tool("qemu-img", "info", "-f", theirs, "--output=json", image))
                self.assertEqual(information["virtual-size"], self.disk.stat().st_size)
                self.tool("qemu-img", "compare", "-f", "raw", "-F", theirs, self.disk, image)

    def test_what_qemu_writes_is_read(self):
        for form, *options in QEMU_WRITES:
            with self.subTest(form=form, options=options):
                image = self.workspace.path / "theirs"
                self.tool("qemu-img", "convert", "-f", "raw", "-O", form, *options, self.disk, image)
                back = self.convert(image, "raw")
                self.assertEqual(digest(back), digest(self.disk))

    def test_every_format_comes_back_from_every_other_way(self):
        image = self.disk
        for form, compression in OURS:
            image = self.convert(image, form, compression)
        back = self.convert(image, "raw")
        self.tool("qemu-img", "compare", "-f", "raw", "-F", "raw", self.disk, back)

    def test_file_knows_them(self):
        for form, words in (("qcow2", "QCOW"), ("vmdk", "VMware4"), ("vdi", "VirtualBox Disk Image"),
                            ("vhd", "Microsoft Disk Image"), ("vhdx", "Disk Image eXtended"),
                            ("ova", "tar archive"), ("gce", "gzip")):  # fmt: skip
            self.assertIn(words, self.tool("file", "-b", self.convert(self.disk, form)))

    def test_an_ova_holds_a_description_a_manifest_and_the_disk(self):
        image = self.convert(self.disk, "ova")
        folder = self.workspace.path / "unpacked"
        folder.mkdir()
        with tarfile.open(image) as archive:
            names = archive.getnames()
        self.assertEqual(names, ["disk.ovf", "disk.mf", "disk-disk1.vmdk"])
        self.tool("tar", "-C", folder, "-xf", image)
        subprocess.run(["sha256sum", "--strict", "-c", "disk.mf"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        description = xml.dom.minidom.parse(str(folder / "disk.ovf"))
        reference = description.getElementsByTagName("File")[0]
        self.assertEqual(reference.getAttribute("ovf:href"), "disk-disk1.vmdk")
        self.assertEqual(int(reference.getAttribute("ovf:size")),
                         (folder / "disk-disk1.vmdk").stat().st_size)
        capacity = description.getElementsByTagName("Disk")[0].getAttribute("ovf:capacity")
        self.assertEqual(int(capacity), self.disk.stat().st_size)
        self.tool("qemu-img", "compare", "-f", "raw", "-F", "vmdk", self.disk,
                  folder / "disk-disk1.vmdk")

    def test_the_google_archive_holds_one_sparse_member_of_whole_gibibytes(self):
        image = self.convert(self.disk, "gce")
        self.tool("tar", "-xzSf", image)
        member = self.workspace.path / "disk.raw"
        self.assertEqual(member.stat().st_size, 1 << 30)
        self.assertLess(member.stat().st_blocks * 512, 80 << 20)
        self.tool("qemu-img", "compare", "-f", "raw", "-F", "raw", self.disk, member)

    def test_gnu_tars_own_archive_is_read(self):
        member = self.workspace.path / "disk.raw"
        os.link(self.disk, member)
        for form in ("oldgnu", "gnu", "pax"):
            archive = self.workspace.path / "theirs.tar.gz"
            self.tool("tar", f"--format={form}", "-Sczf", archive, "disk.raw")
            self.assertEqual(digest(self.convert(archive, "raw")), digest(self.disk))

    def test_place_time_locale_and_umask_do_not_matter(self):
        other = self.workspace.path / "another" / "folder"
        other.mkdir(parents=True)
        for form, compression in OURS:
            with self.subTest(form=form, compression=compression):
                first = self.convert(self.disk, form, compression)
                before = os.umask(0o077)
                os.utime(self.disk, (1, 1))
                try:
                    second = self.convert(self.disk, form, compression, other / first.name,
                                          {"LC_ALL": "C.UTF-8", "LANG": "tr_TR", "TZ": "Asia/Tokyo"})
                finally:
                    os.umask(before)
                self.assertEqual(digest(first), digest(second))
                self.assertEqual(first.stat().st_mode, second.stat().st_mode)

    def test_the_output_is_beside_the_input_and_replaces_what_is_there(self):
        beside = self.workspace.path / "disk.vdi"
        beside.write_text("old")
        done = self.workspace.unik("convert", "disk.img", "--to", "vdi", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["path"], "disk.vdi")
        self.assertEqual((document["from"], document["to"]), ("raw", "vdi"))
        self.assertEqual(document["disk_bytes"], self.disk.stat().st_size)
        self.assertEqual(document["file_bytes"], beside.stat().st_size)
        done = self.workspace.unik("convert", "disk.vdi", "--to", "raw", "-q")
        self.assertEqual((done.stdout, done.stderr), ("disk.raw\n", ""))

    def test_what_must_not_be_written_is_left_alone(self):
        path = self.workspace.path
        self.refuse(2, "usage", "disk.img", "--to", "raw", "-o", "disk.img")
        os.link(self.disk, path / "same.raw")
        self.refuse(2, "usage", "disk.img", "--to", "raw", "-o", "same.raw")
        self.refuse(1, "not-a-file", "disk.img", "--to", "raw", "-o", "/dev/null")
        self.refuse(1, "not-a-file", "disk.img", "--to", "raw", "-o", path)
        self.refuse(1, "file-error", "disk.img", "--to", "raw", "-o", "missing/disk.raw")
        self.refuse(1, "file-error", "missing.img", "--to", "raw")
        self.refuse(1, "not-a-file", "/dev/zero", "--to", "raw", "-o", "zero.raw")
        self.refuse(2, "usage", "disk.img")
        self.refuse(2, "usage", "disk.img", "--to", "qcow3")
        self.refuse(2, "usage", "disk.img", "--to", "vdi", "--compress", "zstd")
        self.refuse(2, "usage", "disk.img", "--to", "vdi", "--target", "qemu")
        self.refuse(1, "broken-image", "disk.img", "--to", "vdi", "--from", "qcow2")
        self.refuse(1, "broken-image", "disk.img", "--to", "iso")

    def test_images_that_need_others_are_refused(self):
        self.tool("qemu-img", "create", "-q", "-f", "qcow2", "-b", self.disk, "-F", "raw", "child")
        self.refuse(1, "unsupported-image", "child", "--to", "raw")
        self.tool("qemu-img", "convert", "-O", "qcow2", self.disk, "snapshots")
        self.tool("qemu-img", "snapshot", "-c", "one", "snapshots")
        self.refuse(1, "unsupported-image", "snapshots", "--to", "raw")
        self.tool("qemu-img", "convert", "-O", "vmdk", "-o", "subformat=monolithicFlat", self.disk,
                  "flat.vmdk")
        self.refuse(1, "unsupported-image", "flat.vmdk", "--to", "raw")
        self.tool("qemu-img", "convert", "-O", "qed", self.disk, "foreign")
        self.refuse(1, "unsupported-image", "foreign", "--to", "raw")

    # A limit on the file's size stands for a disk that is full.
    def test_a_full_disk_leaves_nothing(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

        before = sorted(os.listdir(self.workspace.path))
        for form, _ in OURS:
            done = subprocess.run([UNIK, "convert", self.disk, "--to", form, "-o",
                                   self.workspace.path / "out"], env=self.workspace.environment,
                                  capture_output=True, text=True, preexec_fn=small_files)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("[file-error]", done.stderr)
            self.assertEqual(sorted(os.listdir(self.workspace.path)), before)

    def test_a_killed_conversion_leaves_nothing(self):
        before = sorted(os.listdir(self.workspace.path))
        out = self.workspace.path / "out"
        process = subprocess.Popen([UNIK, "convert", self.disk, "--to", "qcow2", "--compress", "zlib",
                                    "-o", out], env=self.workspace.environment,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            opened = os.listdir(f"/proc/{process.pid}/fd")
            if len(opened) > 4:  # the input and the output are open
                process.kill()
                break
        process.wait()
        if not out.exists():  # else it was quicker than we
            self.assertEqual(sorted(os.listdir(self.workspace.path)), before)

    def test_a_bundles_disk_is_converted(self):
        bundle = self.workspace.path / "web.unik"
        bundle.mkdir()
        (bundle / "kernel.elf").write_bytes(b"kernel")
        os.link(self.disk, bundle / "disk-qemu.raw")
        digests = {name: "sha256:" + digest(bundle / name) for name in os.listdir(bundle)}
        record = {"schema": 1, "name": "web", "version": "1.2", "language": "c",
                  "memory": 64 << 20, "cpus": 2, "expose": [],
                  "disks": {"qemu:raw": "disk-qemu.raw"}, "digests": digests}  # fmt: skip
        (bundle / "image.json").write_text(json.dumps(record))
        done = self.workspace.unik("convert", "web.unik/", "--to", "ova", "-q")
        self.assertEqual((done.returncode, done.stdout), (0, "web.ova\n"), done.stderr)
        description = self.tool("tar", "-xOf", "web.ova", "web.ovf")
        self.assertIn("<rasd:VirtualQuantity>64</rasd:VirtualQuantity>", description)
        self.assertIn("<rasd:VirtualQuantity>2</rasd:VirtualQuantity>", description)
        self.assertIn("<Version>1.2</Version>", description)
        done = self.workspace.unik("convert", bundle, "--to", "raw", "--target", "qemu", "-o", "out")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(digest(self.workspace.path / "out"), digest(self.disk))
        self.refuse(1, "no-disk", bundle, "--to", "raw", "--target", "vmware")


if __name__ == "__main__":
    unittest.main()
