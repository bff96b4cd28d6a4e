"""Dynamically linked programs: their loader and libraries come along, found as the loader finds them,
and the loader does its work in the guest."""

import json
import subprocess
import unittest
from pathlib import Path

from unik import Workspace

# A library of the project: thread-local data, a constructor, an exception that it throws.
LIBRARY = """\
#include <stdexcept>
#include <thread>
thread_local int per_thread = 40;
int constructed = 0;
struct Constructor { Constructor() { constructed = 1; } };
static Constructor constructor;
int add_here(int value) {
    int elsewhere = 0;
    std::thread other([&] { elsewhere = per_thread += 1; });
    other.join();
    per_thread += value;
    return elsewhere == 41 ? per_thread : -1;
}
void fail() { throw std::runtime_error("thrown in the library"); }
"""

PROGRAM = """\
#include <dlfcn.h>
#include <sys/auxv.h>
#include <unistd.h>
#include <cstdio>
#include <stdexcept>
extern int constructed;
int add_here(int value);
void fail();
int main() {
    std::printf("constructed %d\\n", constructed);
    std::printf("thread-local %d\\n", add_here(2));
    try {
        fail();
    } catch (const std::exception& error) {
        std::printf("caught: %s\\n", error.what());
    }
    void* plugin = dlopen("/srv/plugin.so", RTLD_NOW);
    if (plugin == nullptr)
        std::printf("%s\\n", dlerror());
    else
        std::printf("plugin %d\\n", reinterpret_cast<int (*)()>(dlsym(plugin, "answer"))());
    std::printf("missing: %d\\n", dlopen("libnone.so.9", RTLD_NOW) == nullptr);
    char path[256] = {};
    if (readlink("/proc/self/exe", path, sizeof path - 1) > 0)
        std::printf("exe %s\\n", path);
    std::printf("execfn %s\\n", reinterpret_cast<const char*>(getauxval(AT_EXECFN)));
    std::printf("base %d\\n", getauxval(AT_BASE) != 0 && getauxval(AT_BASE) % 4096 == 0);
    FILE* self = std::fopen("/proc/self/exe", "rb");
    std::printf("opens %d\\n", self != nullptr && std::fgetc(self) == 0x7f);
    return 7;
}
"""


def compile_in(folder, *commands):
    for command in commands:
        subprocess.run(command, shell=True, check=True, cwd=folder, timeout=120)


class OwnPrograms(unittest.TestCase):
    def test_a_c_plus_plus_program_with_libraries_of_its_own(self):
        with Workspace("dynamic") as workspace:
            project = workspace.path / "project"
            project.mkdir()
            (project / "library.cpp").write_text(LIBRARY)
            (project / "program.cpp").write_text(PROGRAM)
            (project / "helper.c").write_text("int answer_of_helper(void) { return 42; }\n")
            (project / "plugin.c").write_text(
                "int answer_of_helper(void);\nint answer(void) { return answer_of_helper(); }\n")
            compile_in(project, "mkdir lib parts",
                       "g++ -shared -fPIC -o lib/libown.so library.cpp",
                       "gcc -shared -fPIC -o parts/libhelper.so helper.c",
                       "gcc -shared -fPIC -o plugin.so plugin.c -Lparts -lhelper"
                       " -Wl,-rpath,'$ORIGIN/parts'",
                       "g++ -o app program.cpp -Llib -lown -Wl,-rpath,'$ORIGIN/lib'")
            (project / "Unikfile").write_text(
                "name: app\nlanguage: binary\nbuild: {output: app}\nfiles:\n"
                "  - {from: plugin.so, to: /srv/}\n  - {from: \"parts/*.so\", to: /srv/parts}\n")
            bundle = workspace.build(project)
            record = json.loads((bundle / "image.json").read_text())
            reasons = {file["path"]: file.get("reason") for file in record["files"]}
            self.assertEqual(reasons["/bin/lib/libown.so"], "needed by '/bin/app'")
            self.assertEqual(reasons["/usr/lib/x86_64-linux-gnu/libc.so.6"],
                             "needed by '/bin/app'")
            self.assertIn("/srv/parts/libhelper.so", reasons)
            done = workspace.unik("run", "-q", bundle)
            self.assertEqual(done.stdout.splitlines(), [
                "constructed 1", "thread-local 42", "caught: thrown in the library", "plugin 42",
                "missing: 1", "exe /bin/app", "execfn /bin/app", "base 1", "opens 1"], done.stderr)
            self.assertEqual(done.returncode, 7)

    def test_a_library_in_a_folder_of_the_images_environment(self):
        with Workspace("environment") as workspace:
            project = workspace.path / "project"
            project.mkdir()
            (project / "x.c").write_text("int f(void); int main(void) { return f(); }\n")
            (project / "f.c").write_text("int f(void) { return 9; }\n")
            compile_in(project, "gcc -shared -fPIC -o libplaced.so.1 f.c"
                       " -Wl,-soname,libplaced.so.1", "gcc -o app x.c ./libplaced.so.1")
            (project / "Unikfile").write_text(
                "name: app\nlanguage: binary\nbuild: {output: app}\n"
                "env: {LD_LIBRARY_PATH: /opt/own}\n"
                "files: [{from: libplaced.so.1, to: /opt/own/}]\n")
            done = workspace.unik("run", "-q", workspace.build(project))
            self.assertEqual(done.returncode, 9, done.stderr)

    def test_a_program_of_musl(self):
        with Workspace("musl") as workspace:
            project = workspace.path / "project"
            project.mkdir()
            (project / "x.c").write_text(
                '#include <stdio.h>\n#include <dlfcn.h>\nint main(void) {\n'
                '    void* all = dlopen(NULL, RTLD_NOW);\n'
                '    printf("musl %d\\n", all != NULL && dlsym(all, "printf") != NULL);\n'
                '    return 5;\n}\n')
            compile_in(project, "musl-gcc -o app x.c && rm x.c")
            (project / "Unikfile").write_text(
                "name: app\nlanguage: binary\nbuild: {output: app}\n")
            done = workspace.unik("run", "-q", workspace.build(project))
            self.assertEqual((done.stdout, done.returncode), ("musl 1\n", 5), done.stderr)

    def test_projects_that_link_a_shared_library_of_their_own(self):
        main = '#include <stdio.h>\nint own(void);\nint main(void) { printf("own %d\\n", own()); }\n'
        with Workspace("shared") as workspace:
            for language, suffix, build in (("c", "c", "cmake"), ("c++", "cpp", "make")):
                project = workspace.path / f"project-{build}"
                project.mkdir()
                (project / f"app.{suffix}").write_text(main)
                (project / f"own.{suffix}").write_text("int own(void) { return 5; }\n")
                if build == "cmake":
                    (project / "CMakeLists.txt").write_text(
                        "cmake_minimum_required(VERSION 3.20)\nproject(app C)\n"
                        "add_library(own SHARED own.c)\nadd_executable(app app.c)\n"
                        "target_link_libraries(app PRIVATE own)\n")
                else:
                    (project / "Makefile").write_text(
                        "app: app.cpp libown.so\n"
                        "\t$(CXX) $(LDFLAGS) -o $@ app.cpp -L. -lown -Wl,-rpath,'$$ORIGIN'\n"
                        "libown.so: own.cpp\n\t$(CXX) -shared -fPIC -o $@ own.cpp\n")
                (project / "Unikfile").write_text(f"name: app\nlanguage: {language}\n")
                bundle = workspace.build(project)
                done = workspace.unik("run", "-q", bundle)
                self.assertEqual((done.stdout, done.returncode), ("own 5\n", 0), done.stderr)
                shown = workspace.unik("inspect", bundle).stdout
                self.assertIn("/bin/libown.so (needed by '/bin/app')", shown)

    def test_places_differ_from_run_to_run_unless_they_are_fixed(self):
        with Workspace("places") as workspace:
            project = workspace.path / "project"
            project.mkdir()
            (project / "x.c").write_text(
                '#include <stdio.h>\n#include <stdlib.h>\n#include <sys/auxv.h>\n'
                '#include <unistd.h>\nint main(void) {\n    int here;\n'
                '    printf("%p %p %p %p %p\\n", (void*)main, (void*)getauxval(AT_BASE),\n'
                '           (void*)printf, sbrk(0), (void*)&here);\n    return 0;\n}\n')
            for options, fixed in (("-pie", 0), ("-no-pie", 1)):
                compile_in(project, f"gcc -o app {options} x.c")
                (project / "Unikfile").write_text(
                    "name: app\nlanguage: binary\nbuild: {output: app}\n")
                bundle = workspace.build(project)
                runs = [workspace.unik("run", "-q", bundle).stdout.split() for _ in range(2)]
                self.assertEqual([len(run) for run in runs], [5, 5], runs)
                same = [first == second for first, second in zip(*runs)]
                self.assertEqual(same, [fixed == 1, False, False, False, False], runs)

    def test_a_loader_that_cannot_start_ends_with_its_name(self):
        with Workspace("loader") as workspace:
            project = workspace.path / "project"
            project.mkdir()
            (project / "x.c").write_text("int main(void) { return 0; }\n")
            compile_in(project, "gcc -o app x.c -Wl,--dynamic-linker=/srv/loader.so")
            loader = bytearray(Path("/lib64/ld-linux-x86-64.so.2").read_bytes())
            loader[24:32] = (0x40).to_bytes(8, "little")  # the entry: data
            (project / "loader.so").write_bytes(loader)
            (project / "Unikfile").write_text(
                "name: app\nlanguage: binary\nbuild: {output: app}\n"
                "files: [{from: loader.so, to: /srv/, mode: 0755}]\n")
            done = workspace.unik("run", "-q", workspace.build(project))
            self.assertEqual(done.returncode, 126, done.stderr)
            self.assertIn("the interpreter of '/bin/app', '/srv/loader.so' is damaged: there is no "
                          "code at its entry", done.stderr)

    def test_a_truncated_c_library_is_an_error_of_the_build(self):
        with Workspace("truncated") as workspace:
            project = workspace.path / "project"
            project.mkdir()
            (project / "x.c").write_text("int main(void) { return 0; }\n")
            compile_in(project, "gcc -o app x.c",
                       "head -c 300000 /lib/x86_64-linux-gnu/libc.so.6 > libc.so.6")
            (project / "Unikfile").write_text(
                "name: app\nlanguage: binary\nbuild: {output: app}\n"
                "files: [{from: libc.so.6, to: /lib/x86_64-linux-gnu/}]\n")
            done = workspace.unik("build", project)
            self.assertEqual(done.returncode, 1)
            self.assertIn("[corrupt-elf]", done.stderr)
            self.assertIn("libc.so.6", done.stderr)


class DebiansPrograms(unittest.TestCase):
    """Of this machine, as they are."""

    def run_program(self, program, *words, memory="128M"):
        with Workspace("debian") as workspace:
            project = workspace.path / "project"
            project.mkdir()
            (project / "Unikfile").write_text(
                f"name: app\nlanguage: binary\nbuild: {{output: {program}}}\n"
                f"resources: {{memory: {memory}}}\n")
            return workspace.unik("run", "-q", workspace.build(project), "--", *words)

    def test_lua(self):
        done = self.run_program("/usr/bin/lua5.4", "-e", "print(6 * 7); os.exit(3)")
        self.assertEqual((done.stdout, done.returncode), ("42\n", 3), done.stderr)

    def test_perl(self):
        done = self.run_program("/usr/bin/perl", "-e",
                                'my %h = map { $_ => $_ ** 2 } 1 .. 9; print "$h{7} $^X\\n"; exit 4')
        self.assertEqual((done.stdout, done.returncode), ("49 /usr/bin/perl\n", 4), done.stderr)

    def test_sqlite(self):
        done = self.run_program("/usr/bin/sqlite3", "/tmp/base.db",
                                "create table a(b); insert into a values (5), (6);"
                                "create index i on a(b); select sum(b) from a;")
        self.assertEqual((done.stdout, done.returncode), ("11\n", 0), done.stderr)

    def test_redis(self):
        with Workspace("debian-redis") as workspace:
            project = workspace.path / "project"
            project.mkdir()
            (project / "Unikfile").write_text(
                "name: redis\nlanguage: binary\nbuild: {output: /usr/bin/redis-server}\n"
                "args: [--save, '', --protected-mode, 'no', --dir, /tmp]\nexpose: [6379]\n")
            with workspace.guest(workspace.build(project), "-p", "0:6379") as guest:
                port = str(guest.port())

                def cli(*words):
                    return subprocess.run(["redis-cli", "-p", port, *words], check=True, text=True,
                                          capture_output=True, timeout=60).stdout.strip()

                self.assertEqual(cli("set", "greeting", "hello"), "OK")
                self.assertEqual(cli("get", "greeting"), "hello")
                self.assertEqual(cli("eval", "return 6*7", "0"), "42")
                self.assertEqual(guest.stop(), 0)


if __name__ == "__main__":
    unittest.main()
