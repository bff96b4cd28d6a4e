"""Go, Rust and OCaml: the examples are built by the languages' own tools, booted and asked; lock files
are honoured."""

import json
import signal
import unittest

from projects import EXAMPLES, ProjectTest
from unik import DEADLINE


ZONES = """\
package main

import (
	"fmt"
	"time"
)

func main() {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		panic(err)
	}
	fmt.Println(time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC).In(zone))
}
"""


class Compiled(ProjectTest):
    def check_server(self, name, greeting, language, ended=0):
        """The example's page and status; it ends when told; nothing is linked twice."""
        bundle = self.build_project(EXAMPLES / name)
        again = self.workspace.unik("build", "-o", bundle, self.workspace.path / name)
        self.assertRegex(again.stderr, "up to date")
        with self.workspace.guest(bundle, "-p", "0:8080") as guest:
            url = f"http://localhost:{guest.port()}"
            self.assertEqual(self.fetch(f"{url}/a%20b?c=d"), (200, greeting))
            status, body = self.fetch(f"{url}/status")
            self.assertEqual((status, json.loads(body)["language"]), (200, language))
            self.assertEqual(guest.stop(), ended)

    def build(self, project):
        return self.workspace.build(project, deadline=5 * DEADLINE)

    def refused(self, project, message):
        done = self.workspace.unik("build", "-q", "-o", self.workspace.path / "refused.unik", project)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, message)

    def check_output(self, project, expected):
        done = self.workspace.unik("run", "-q", self.build(project))
        self.assertEqual((done.stdout, done.returncode), (expected, 0), done.stderr)

    def test_http_go(self):
        self.check_server("http-go", b"hello from Go, you asked for /a b\n", "go")
        inspected = self.workspace.unik("inspect", self.workspace.path / "http-go.unik").stdout
        self.assertRegex(inspected, r"Runtime +go \d+\.\d+")

    def test_go_builds_nothing_that_its_lock_files_do_not_name(self):
        project = self.copy(EXAMPLES / "http-go", "go-locked")
        (project / "more.go").write_text('package main\n\nimport _ "example.org/unknown/module"\n')
        self.refused(project, r"\| .*example\.org/unknown/module")

    def test_go_builds_the_named_program_of_several(self):
        project = self.workspace.path / "go-several"
        for name in ("first", "second"):
            folder = project / "cmd" / name
            folder.mkdir(parents=True)
            (folder / "main.go").write_text(
                f'package main\n\nfunc main() {{ println("the {name}") }}\n')
        (project / "go.mod").write_text("module example.org/several\n\ngo 1.19\n")
        unikfile = project / "Unikfile"
        unikfile.write_text("name: app\n")
        self.refused(project, "several programs in cmd/; name one in the Unikfile")
        for text, expected in (("name: second\n", "the second\n"),
                               ("name: app\nbuild: {output: cmd/first}\n", "the first\n")):
            unikfile.write_text(text)
            bundle = self.build(project)
            done = self.workspace.unik("run", "-q", bundle)
            self.assertEqual((done.stderr, done.returncode), (expected, 0))

    def test_go_knows_the_time_zones_that_it_names(self):
        project = self.workspace.path / "go-zones"
        project.mkdir()
        (project / "go.mod").write_text("module example.org/zones\n\ngo 1.19\n")
        (project / "main.go").write_text(ZONES)
        (project / "Unikfile").write_text("name: app\n")
        self.check_output(project, "2024-07-01 14:00:00 +0200 CEST\n")

    def test_http_rust(self):
        self.check_server("http-rust", b"hello from Rust, you asked for /a%20b?c=d\n", "rust",
                          ended=128 + signal.SIGTERM)

    def test_rust_builds_nothing_without_its_lock_file(self):
        project = self.copy(EXAMPLES / "http-rust", "rust-locked")
        (project / "Cargo.lock").unlink()
        self.refused(project, r"\| .*--locked")

    def test_rust_builds_the_named_program_of_several(self):
        project = self.workspace.path / "rust several"
        (project / "src/bin").mkdir(parents=True)
        (project / "Cargo.toml").write_text(
            '[package]\nname = "several"\nversion = "0.1.0"\nedition = "2021"\n')
        (project / "Cargo.lock").write_text(
            'version = 3\n\n[[package]]\nname = "several"\nversion = "0.1.0"\n')
        for name in ("first", "second"):
            (project / f"src/bin/{name}.rs").write_text(
                f'fn main() {{ println!("the {name}, {{}}", file!()); }}\n')
        unikfile = project / "Unikfile"
        unikfile.write_text("name: app\n")
        self.refused(project, "(?s)expected one program, or one named 'app', found:.*second")
        for text, expected in (("name: second\n", "the second, src/bin/second.rs\n"),
                               ("name: app\nbuild: {output: first}\n",
                                "the first, src/bin/first.rs\n")):
            unikfile.write_text(text)
            self.check_output(project, expected)

    def test_http_ocaml(self):
        self.check_server("http-ocaml", b"hello from OCaml, you asked for /a%20b?c=d\n", "ocaml")

    def test_ocaml_sources_alone_and_the_named_program_of_several(self):
        project = self.workspace.path / "ocaml"
        project.mkdir()
        (project / "words.ml").write_text('let greeting = "hello from " ^ Str.last_chars "sources" 7\n')
        (project / "main.ml").write_text("let () = print_endline Words.greeting\n")
        unikfile = project / "Unikfile"
        unikfile.write_text("name: app\nbuild: {env: {PACKAGES: str}}\n")
        self.check_output(project, "hello from sources\n")
        (project / "dune-project").write_text("(lang dune 2.9)\n")
        (project / "dune").write_text("(executable (name main) (modules main words) (libraries str))\n")
        (project / "tools").mkdir()
        (project / "tools/dune").write_text("(executables (names first second))\n")
        for name in ("first", "second"):
            (project / f"tools/{name}.ml").write_text(f'let () = print_endline "the {name}"\n')
        self.refused(project, "(?s)expected one program, or one named 'app.exe', found:.*"
                              "tools/first.exe")
        unikfile.write_text("name: second\n")
        self.check_output(project, "the second\n")
        unikfile.write_text("name: app\nbuild: {output: main.exe}\n")
        self.check_output(project, "hello from sources\n")

    def test_programs_are_dynamic_where_the_unikfile_says_so(self):
        for language, variable, value in (("go", "CGO_ENABLED", "1"), ("ocaml", "OCAMLPARAM", "_"),
                                          ("rust", "RUSTFLAGS", "-C target-feature=-crt-static")):
            with self.subTest(language):
                project = self.copy(EXAMPLES / f"http-{language}", f"dynamic-{language}")
                with open(project / "Unikfile", "a") as unikfile:
                    unikfile.write(f'build: {{env: {{{variable}: "{value}"}}}}\n')
                bundle = self.build(project)
                record = json.loads((bundle / "image.json").read_text())
                self.assertTrue(any(file["path"].endswith("/libc.so.6") for file in record["files"]))
                with self.workspace.guest(bundle, "-p", "0:8080") as guest:
                    status, body = self.fetch(f"http://localhost:{guest.port()}/status")
                    self.assertEqual(json.loads(body)["language"], language)
                    guest.stop()


if __name__ == "__main__":
    unittest.main()
