"""kernel.efi under UEFI firmware that knows nothing of unik (OVMF), from a FAT folder as a USB stick
would have it: on both machines, with little and much memory, images small and large, so that the
firmware loads them at all kinds of places. What the program sees and how the machine ends are as
with any other front door."""

import re
import shutil
import socket
import subprocess
import threading
import unittest
import urllib.request

from unik import DEADLINE, SOURCE, Workspace

FIRMWARE = "/usr/share/OVMF"
PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

// FILL bytes of constants and of variables, no page of them like another.
#define PAGES(name) ".balign 4096\n " name ":\n .set page, 0\n .rept " FILL " / 4096\n .long page\n" \
    ".skip 4092, 0x55\n .set page, page + 1\n .endr\n"
__asm__(".globl constants, variables\n .section .rodata\n" PAGES("constants")
        ".data\n" PAGES("variables") ".text\n");
extern unsigned char constants[], variables[];

static int whole(const unsigned char* from) {
    const unsigned pages = atoi(FILL) / 4096;
    for (unsigned i = 0; i < pages; ++i) {
        unsigned number;
        memcpy(&number, from + i * 4096, 4);
        if (number != i || from[i * 4096 + 4] != 0x55 || from[i * 4096 + 4095] != 0x55)
            return 0;
    }
    return 1;
}

int main(int count, char** words) {
    struct sysinfo info;
    sysinfo(&info);
    printf("memory %lu KiB\n", info.totalram / 1024);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    usleep(50000);
    clock_gettime(CLOCK_MONOTONIC, &after);
    const long slept = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    printf("slept %s, year %s\n", slept >= 50 && slept < 5000 ? "well" : "badly",
           time(NULL) > 1700000000 ? "known" : "unknown");
    if (!whole(constants) || !whole(variables))
        return 1;
    for (int i = 1; i < count; ++i)
        printf("word %s\n", words[i]);
    fflush(stdout);
    if (count > 1 && strcmp(words[1], "crash") == 0)
        *(volatile char*)words[0] = *(volatile char*)(size_t)8;
    if (count > 1 && strcmp(words[1], "write-text") == 0)
        *(volatile char*)(size_t)main = 1;
    if (count > 1 && strcmp(words[1], "take") == 0) {
        const size_t size = info.freeram / 10 * 9;
        char* taken = malloc(size);
        for (size_t i = 0; taken && i < size; i += 4096)
            taken[i] = (char)(i >> 12);
        for (size_t i = 0; taken && i < size; i += 4096)
            if (taken[i] != (char)(i >> 12))
                return 1;
        printf("took %s\n", taken ? "it all" : "nothing");
    }
    return 7;
}
"""
STATUS = 7 << 1 | 1  # isa-debug-exit




def machine(workspace, kernel, model, memory, words=(), size="_4M", settings=("exit=debug",), extra=()):
    """QEMU's command line; the console is its standard output."""
    folder = workspace.path / "esp"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "EFI/BOOT").mkdir(parents=True)
    shutil.copy(kernel, folder / "EFI/BOOT/BOOTX64.EFI")
    variables = shutil.copy(f"{FIRMWARE}/OVMF_VARS{size}.fd", workspace.path / "variables.fd")
    configuration = workspace.path / "configuration"
    configuration.write_bytes(
        b"".join(f"{setting}".encode() + b"\0"
                 for setting in (*(f"arg={word}" for word in words), *settings)))
    return ["qemu-system-x86_64", "-name", str(workspace.path), "-accel", "tcg", "-machine", model,
            "-m", memory, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}/OVMF_CODE{size}.fd",
            "-drive", f"if=pflash,format=raw,file={variables}",
            "-drive", f"file=fat:{folder},format=raw,if=none,id=esp,readonly=on",
            "-device", "virtio-blk-pci,drive=esp,bootindex=1",
            "-fw_cfg", f"name=opt/org.unik/configuration,file={configuration}", *extra]  # fmt: skip


def run(command):
    """QEMU's exit status and what was on the console."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE)
    output = (done.stdout + done.stderr).decode(errors="replace").replace("\r", "")
    return done.returncode, output


class Uefi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("uefi")
        cls.files = {}

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def kernel_file(self, fill=4096):
        """kernel.efi of a program with so many bytes of constants and as many of variables."""
        if fill not in self.files:
            project = self.workspace.path / f"project-{fill}"
            project.mkdir()
            (project / "main.c").write_text(f'#define FILL "{fill}"\n{PROGRAM}')
            (project / "Unikfile").write_text(
                "name: under-uefi\nlanguage: c\ncomponents: {add: [boot-uefi]}\n")
            bundle = self.workspace.build(project)
            self.files[fill] = shutil.move(bundle / "kernel.efi",
                                           self.workspace.path / f"{fill}.efi")
        return self.files[fill]

    def machine(self, model, memory, *words, fill=4096, **how):
        return machine(self.workspace, self.kernel_file(fill), model, memory, words, **how)

    def check(self, model, memory, *words, **how):
        """Boots to the end; the memory that the program found, in KiB, and the console."""
        words = words or ("one", "and two")
        with self.subTest(model=model, memory=memory, words=words, **how):
            status, output = run(self.machine(model, memory, *words, **how))
            self.assertEqual(status, STATUS, output)
            self.assertIn("unik: starting under-uefi; its console is the first serial port\n",
                          output)
            self.assertIn("slept well, year known\n", output)
            for word in words:
                self.assertIn(f"word {word}\n", output)
            return int(re.search(r"memory (\d+) KiB", output).group(1)), output
        return 0, ""

    def test_it_boots_on_both_machines_with_both_sizes_of_flash(self):
        for model in ("q35", "pc"):
            for size in ("_4M", ""):
                self.check(model, "128M", size=size)

    def test_nearly_all_memory_is_the_programs(self):
        for memory in (128, 3072, 8192):
            found, _ = self.check("q35", f"{memory}M")
            self.assertGreater(found, memory * 1024 * 0.93 - 4096, f"with {memory} MiB")
        _, output = self.check("q35", "512M", "take")
        self.assertIn("took it all\n", output)

    def test_large_images_are_whole_wherever_they_were_loaded(self):
        for megabytes, memory in ((5, "256M"), (40, "5G")):
            self.check("q35", memory, fill=megabytes << 20)

    def test_other_cpus_and_a_screen_make_no_difference(self):
        self.check("q35", "256M", extra=("-cpu", "max", "-smp", "2"))
        self.check("q35", "256M", extra=("-vga", "std"))

    def test_a_shell_passes_arguments(self):
        """Through the load options; fw_cfg has a configuration, too, but an empty one."""
        command = self.machine("q35", "128M", settings=())
        folder = self.workspace.path / "esp"
        shutil.move(folder / "EFI/BOOT/BOOTX64.EFI", folder / "kernel.efi")
        (folder / "startup.nsh").write_text(
            'fs0:\r\nkernel.efi unik.arg=one "unik.arg=and two" unik.exit=debug\r\n')
        status, output = run(command)
        self.assertEqual(status, STATUS, output)
        self.assertIn("word one\nword and two\n", output)

    def test_a_crash_is_reported_as_ever(self):
        for word in ("crash", "write-text"):
            with self.subTest(word=word):
                status, output = run(self.machine("q35", "128M", word))
                self.assertNotEqual(status, STATUS, output)
                self.assertIn("SIGSEGV", output)

    def test_the_machine_is_powered_off_through_acpi(self):
        for model in ("q35", "pc"):
            with self.subTest(model=model):
                status, output = run(self.machine(model, "128M", "one", settings=()))
                self.assertEqual(status, 0, output)
                self.assertIn("word one\n", output)

    def test_firmware_without_memory_for_the_image_says_so(self):
        # It keeps the file beside the image: 160 MiB, and some for itself.
        command = self.machine("q35", "220M", fill=40 << 20)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        killer = threading.Timer(DEADLINE, process.kill)
        killer.start()
        output = ""
        try:
            while not re.search("failed to load .*: Out of Resources", output):
                line = process.stdout.readline()
                self.assertTrue(line, output)
                output += line.decode(errors="replace")
        finally:
            killer.cancel()
            process.kill()
            process.wait()
            process.stdout.close()

    def test_others_tools_find_the_file_in_order(self):
        file = self.kernel_file()
        described = subprocess.run(["objdump", "-p", file], capture_output=True, text=True,
                                   check=True).stdout  # fmt: skip
        self.assertIn("NX_COMPAT", described)
        self.assertRegex(described, r"Subsystem\s+0000000a")
        kind = subprocess.run(["file", "-b", file], capture_output=True, text=True, check=True)
        self.assertRegex(kind.stdout, "PE32\\+ executable|Linux kernel x86 boot executable")
        key, certificate = self.workspace.path / "key.pem", self.workspace.path / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                        "/CN=test", "-keyout", key, "-out", certificate], check=True,
                       capture_output=True)  # fmt: skip
        signed = self.workspace.path / "signed.efi"
        for command in (["sbsign", "--key", key, "--cert", certificate, "--output", signed, file],
                        ["sbverify", "--cert", certificate, signed]):  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("warning", done.stderr)
        status, output = run(machine(self.workspace, signed, "q35", "128M"))
        self.assertEqual(status, STATUS, output)


class WebServer(unittest.TestCase):
    """manifests/examples/http-c, asked through QEMU's user network."""

    def port(self, monitor):
        monitor.sendall(b"info usernet\n")
        shown = ""
        while not (found := re.search(r"127\.0\.0\.1\s+(\d+)", shown)):
            shown += monitor.recv(4096).decode(errors="replace")
        return int(found.group(1))

    def test_the_web_server_answers(self):
        with Workspace("uefi-http") as workspace:
            project = workspace.path / "http-c"
            shutil.copytree(SOURCE / "manifests/examples/http-c", project)
            with open(project / "Unikfile", "a") as unikfile:
                unikfile.write("components: {add: [boot-uefi]}\n")
            kernel = workspace.build(project) / "kernel.efi"
            ours, theirs = socket.socketpair()
            ours.settimeout(DEADLINE)
            with ours, theirs:
                command = machine(workspace, kernel, "q35", "128M", ("8080", "/srv/www"), extra=(
                    "-netdev", "user,id=net,hostfwd=tcp:127.0.0.1:0-:8080",
                    "-device", "virtio-net-pci,netdev=net,romfile=",
                    "-chardev", f"socket,id=monitor,fd={theirs.fileno()}",
                    "-mon", "chardev=monitor,mode=readline"))  # fmt: skip
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                           stdout=subprocess.PIPE, pass_fds=[theirs.fileno()])
                theirs.close()
                killer = threading.Timer(DEADLINE, process.kill)
                killer.start()
                try:
                    address = f"http://127.0.0.1:{self.port(ours)}/index.html"
                    output = b""
                    while b"serving" not in output:
                        line = process.stdout.readline()
                        self.assertTrue(line, output)
                        output += line
                    with urllib.request.urlopen(address, timeout=DEADLINE) as answer:
                        page = (project / "public/index.html").read_bytes()
                        self.assertEqual(answer.read(), page)
                finally:
                    killer.cancel()
                    process.kill()
                    process.wait()
                    process.stdout.close()


if __name__ == "__main__":
    unittest.main()
