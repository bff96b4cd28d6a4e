#include <unikfile/unikfile.hpp>

#include <algorithm>

#include <doctest/doctest.h>

#include <support/file.hpp>

namespace {

using namespace unik;
using unikfile::Manifest;
using unikfile::Protocol;

Result<Manifest> parse(const std::string& text) {
    return unikfile::parse("Unikfile", text, "/project");
}

std::vector<Diagnostic> problems(const std::string& text) {
    const auto manifest = parse(text);
    REQUIRE_FALSE(manifest.ok());
    CHECK(manifest.error().exit_code == ExitCode::failure);
    return manifest.error().diagnostics;
}

// The only problem of a Unikfile that is right but for these lines.
Diagnostic problem_of(const std::string& lines) {
    const auto found = problems("name: app\n" + lines);
    REQUIRE(found.size() == 1);
    CHECK(found[0].where.line >= 2);
    CHECK(found[0].where.column >= 1);
    CHECK(found[0].where.file == "Unikfile");
    return found[0];
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a name alone is a Unikfile, and the rest has defaults") {
    const auto manifest = parse("name: hello\n");
    REQUIRE(manifest.ok());
    CHECK(manifest->name == "hello");
    CHECK(manifest->base == "library-os");
    CHECK(manifest->language.empty());
    CHECK(manifest->entrypoint.empty());
    CHECK(manifest->targets == std::vector<std::string>{"qemu"});
    CHECK(manifest->resources.memory.value == 128U << 20);
    CHECK(manifest->resources.cpus == 1);
    CHECK(manifest->allow.empty());
    CHECK(manifest->resources.esp.value == 0);
    CHECK(manifest->directory == "/project");
    CHECK(manifest->file == "Unikfile");
}

TEST_CASE("every key reaches the manifest") {
    const auto manifest = parse(R"(
name: web-server
version: 1.2
base: library-os
language: c++
build:
  command: make server
  output: ./out//server
  runtime: ../node-22
  env: {CFLAGS: -O3, LEVEL: 2}
entrypoint: /opt//server
args: [--port, 8080, "true"]
env:
  - B=2=3
  - A=
files:
  - {from: public/, to: /srv/www/, mode: "0600"}
  - from: a/../b.txt
    to: /etc/b.txt
    mode: 0644
expose: [8080, "53/udp", 53/tcp]
components: {add: [random], remove: [net-core]}
security: {allow: [jit]}
resources: {memory: 64M, cpus: 2, esp: 100M}
targets: [qemu, "other:ova"]
labels: {maintainer: Ada, answer: 42}
)");
    REQUIRE(manifest.ok());
    CHECK(manifest->version == "1.2");
    CHECK(manifest->language == "c++");
    CHECK(manifest->build.command == "make server");
    CHECK(manifest->build.output == "out/server");
    CHECK(manifest->build.runtime == "../node-22");
    CHECK(manifest->build.environment.at("CFLAGS") == "-O3");
    CHECK(manifest->build.environment.at("LEVEL") == "2");
    CHECK(manifest->entrypoint == "/opt/server");
    CHECK(manifest->args == std::vector<std::string>{"--port", "8080", "true"});
    REQUIRE(manifest->environment.size() == 2);
    CHECK(manifest->environment[0] == std::pair<std::string, std::string>("B", "2=3"));
    CHECK(manifest->environment[1] == std::pair<std::string, std::string>("A", ""));
    REQUIRE(manifest->files.size() == 2);
    CHECK(manifest->files[0].from == "public");
    CHECK(manifest->files[0].to == "/srv/www/");
    CHECK(manifest->files[0].mode == 0600U);
    CHECK(manifest->files[1].from == "b.txt");
    CHECK(manifest->files[1].mode == 0644U);
    REQUIRE(manifest->expose.size() == 3);
    CHECK(manifest->expose[0] == unikfile::Port{8080, Protocol::tcp});
    CHECK(manifest->expose[1] == unikfile::Port{53, Protocol::udp});
    CHECK(manifest->expose[2] == unikfile::Port{53, Protocol::tcp});
    CHECK(manifest->components_added == std::vector<std::string>{"random"});
    CHECK(manifest->components_removed == std::vector<std::string>{"net-core"});
    CHECK(manifest->allow == std::vector<std::string>{"jit"});
    CHECK(manifest->resources.memory.value == 64U << 20);
    CHECK(manifest->resources.cpus == 2);
    CHECK(manifest->resources.esp.value == 100U << 20);
    CHECK(manifest->targets == std::vector<std::string>{"qemu", "other:ova"});
    CHECK(manifest->labels.at("answer") == "42");
}

TEST_CASE("all problems of a file come in one run, in source order, in the house form") {
    const auto manifest = parse("name: Web Server\n"
                                "resources:\n"
                                "  memroy: 64M\n"
                                "expose: [70000]\n"
                                "targets: []\n"
                                "expose: [1]\n"
                                "files:\n"
                                "  - {from: ../secret, to: etc}\n");
    REQUIRE_FALSE(manifest.ok());
    std::vector<std::string> ids;
    for (const Diagnostic& problem : manifest.error().diagnostics)
        ids.push_back(problem.id);
    CHECK(ids == std::vector<std::string>{"bad-name", "unknown-key", "bad-port", "wrong-type",
                                          "repeated-key", "path-escapes", "bad-path"});
    CHECK(to_text(manifest.error().diagnostics[1]) ==
          "Unikfile:3:3: error: unknown key 'memroy' [unknown-key]\n"
          "  3 |   memroy: 64M\n"
          "    |   ^~~~~~\n"
          "  hint: did you mean 'memory'?\n");
    CHECK(manifest.error().diagnostics[0].hint == "write web-server");
}

TEST_CASE("an empty file and one without a name say what is missing") {
    CHECK(problems("")[0].id == "wrong-type");
    CHECK(problems("# nothing\n")[0].id == "wrong-type");
    const auto found = problems("version: 1\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == "missing-key");
    CHECK(found[0].hint == "add 'name: hello'");
}

TEST_CASE("names follow the container world") {
    for (const char* name : {"a", "a1", "a.b", "a_b", "a__b", "a---b", "0"})
        CHECK(parse("name: '" + std::string(name) + "'\n").ok());
    for (const char* name : {"", "A", "a b", ".a", "a.", "a..b", "a___b", "-a", "a-", "a/b", "ä",
                             "a.-b", "..", "a\\nb"}) {
        CAPTURE(name);
        CHECK(problems("name: \"" + std::string(name) + "\"\n")[0].id == "bad-name");
    }
    CHECK(parse("name: " + std::string(63, 'a') + "\n").ok());
    CHECK(problems("name: " + std::string(64, 'a') + "\n")[0].id == "bad-name");
    CHECK(problems("name: 42\n")[0].id == "wrong-type");
    CHECK(problems("name:\n")[0].message == "expected a text, found nothing");
}

TEST_CASE("versions are texts or numbers that a tag can hold") {
    CHECK(parse("name: a\nversion: 1.10\n")->version == "1.10");
    CHECK(problem_of("version: 1.0 beta\n").id == "bad-version");
    CHECK(problem_of("version: ''\n").id == "bad-version");
    CHECK(problem_of("version: [1]\n").id == "wrong-type");
}

TEST_CASE("a base that is known but not there is told from one that is unknown") {
    CHECK(problem_of("base: linux\n").id == "unavailable-base");
    CHECK(contains(problem_of("base: linux\n").message, "not available in this version"));
    CHECK(problem_of("base: libary-os\n").hint == "did you mean 'library-os'?");
}

TEST_CASE("arguments are a list") {
    CHECK(contains(problem_of("args: --port 8080\n").hint, "[\"--port\", \"8080\"]"));
    CHECK(contains(problem_of("args: [--verbose, true]\n").hint, "\"true\""));
    CHECK(problem_of("args: [[a]]\n").id == "wrong-type");
    CHECK(problem_of("args: [\"a\\0b\"]\n").id == "invalid-text");
}

TEST_CASE("variables are a mapping or a list of NAME=VALUE, and nothing comes from the host") {
    CHECK(parse("name: a\nenv: {A: 1, B: ''}\n")->environment.size() == 2);
    CHECK(contains(problem_of("env: {HOME: }\n").hint, "nothing is taken from the host"));
    CHECK(contains(problem_of("env: [HOME]\n").hint, "unik run -e"));
    CHECK(problem_of("env: {1A: x}\n").id == "bad-variable");
    CHECK(problem_of("env: {'A=B': x}\n").id == "bad-variable");
    CHECK(problem_of("env: ['=x']\n").id == "bad-variable");
    CHECK(problem_of("env: [A=1, A=2]\n").id == "repeated-key");
    CHECK(problem_of("env: {A: 1, A: 2}\n").id == "repeated-key");
    CHECK(problem_of("env: {A: true}\n").id == "wrong-type");
    CHECK(problem_of("env: PATH=/bin\n").id == "wrong-type");
    CHECK(problem_of("build: {env: {A: [1]}}\n").id == "wrong-type");
}

TEST_CASE("ports are numbers with a protocol, never ranges or pairs") {
    CHECK(contains(problem_of("expose: [8000-8010]\n").hint, "list each port"));
    CHECK(contains(problem_of("expose: ['80:8080']\n").hint, "unik run -p"));
    for (const char* port : {"0", "65536", "-1", "80/sctp", "80/", "/udp", "http", "8e2", "0x50",
                             "' 80'", "99999999999999999999", "80.0"}) {
        CAPTURE(port);
        CHECK(problem_of("expose: [" + std::string(port) + "]\n").id == "bad-port");
    }
    CHECK(problem_of("expose: [true]\n").id == "wrong-type");
    CHECK(problem_of("expose: 80\n").id == "wrong-type");
    CHECK(problem_of("expose: [80, 80/tcp]\n").id == "repeated-port");
}

TEST_CASE("sizes have units and bounds") {
    CHECK(parse("name: a\nresources: {memory: 1G}\n")->resources.memory.value == 1U << 30);
    CHECK(contains(problem_of("resources: {memory: 64}\n").hint, "write 64M"));
    CHECK(problem_of("resources: {memory: 2T}\n").id == "out-of-range");
    CHECK(problem_of("resources: {memory: 1.5G}\n").id == "bad-size");
    CHECK(problem_of("resources: {memory: -1M}\n").id == "bad-size");
    CHECK(problem_of("resources: {memory: ''}\n").id == "bad-size");
    CHECK(problem_of("resources: {cpus: 0}\n").id == "out-of-range");
    CHECK(problem_of("resources: {cpus: 65}\n").id == "out-of-range");
    CHECK(problem_of("resources: {cpus: two}\n").id == "wrong-type");
    CHECK(problem_of("resources: 64M\n").id == "wrong-type");
}

TEST_CASE("paths that leave the project or the image are refused") {
    const auto from = [](const std::string& path) {
        return problem_of("files: [{from: \"" + path + "\", to: /x}]\n").id;
    };
    for (const char* path : {"..", "../x", "a/../../x", "/etc/passwd", "./../x", "a/b/../../.."}) {
        CAPTURE(path);
        CHECK(from(path) == "path-escapes");
    }
    CHECK(from("") == "bad-path");
    CHECK(from("a\\nb") == "bad-path");
    CHECK(from(std::string(300, 'a')) == "bad-path");
    CHECK(from("a\\0b") == "invalid-text");
    const auto to = [](const std::string& path) {
        return problem_of("files: [{from: x, to: \"" + path + "\"}]\n").id;
    };
    CHECK(to("/../etc") == "path-escapes");
    CHECK(to("/a/..") == "path-escapes");
    CHECK(to("relative") == "bad-path");
    CHECK(to("") == "bad-path");
    CHECK(parse("name: a\nfiles: [{from: ., to: /}]\n").ok());
    CHECK(parse("name: a\nfiles: [{from: '..a', to: /..a}]\n").ok());
    CHECK(problem_of("entrypoint: bin/x\n").id == "bad-path");
    CHECK(problem_of("entrypoint: /\n").id == "bad-path");
    CHECK(problem_of("entrypoint: /bin/\n").id == "bad-path");
    CHECK(problem_of("build: {output: ../x}\n").id == "path-escapes");
    CHECK(problem_of("build: {output: .}\n").id == "bad-path");
}

TEST_CASE("an entry of files says where from and where to") {
    CHECK(problem_of("files: [{from: x}]\n").id == "missing-key");
    CHECK(contains(problem_of("files: [a.txt]\n").hint, "from:"));
    CHECK(contains(problem_of("files: a.txt\n").hint, "from:"));
    CHECK(problem_of("files: [{from: a, to: /a, mod: 644}]\n").hint == "did you mean 'mode'?");
    for (const char* mode : {"rw-r--r--", "888", "64", "12345", "-644", "[6]"}) {
        CAPTURE(mode);
        const auto id =
            problem_of("files: [{from: a, to: /a, mode: " + std::string(mode) + "}]\n").id;
        CHECK((id == "bad-mode" || id == "wrong-type"));
    }
    CHECK(parse("name: a\nfiles: [{from: a, to: /a, mode: 0o755}]\n")->files[0].mode == 0755U);
}

TEST_CASE("components and targets are lists of names") {
    CHECK(problem_of("components: {add: [a], remove: [b, a]}\n").id == "contradiction");
    CHECK(problem_of("components: {add: [a, a]}\n").id == "repeated-name");
    CHECK(problem_of("components: [a]\n").id == "wrong-type");
    CHECK(problem_of("components: {remove: net}\n").hint == "write [net]");
    CHECK(problem_of("components: {add: [a/b]}\n").id == "bad-name");
    CHECK(problem_of("targets: qemu\n").hint == "write [qemu]");
    CHECK(problem_of("targets: [{a: b}]\n").id == "wrong-type");
    for (const char* name : {"a:", ":b", "a:b:c"})
        CHECK(problem_of("targets: ['" + std::string(name) + "']\n").id == "bad-name");
    CHECK(problem_of("components: {add: ['a:b']}\n").id == "bad-name");
    CHECK(problem_of("labels: [a]\n").id == "wrong-type");
    CHECK(problem_of("build: make\n").id == "wrong-type");
    CHECK(problem_of("build: {command: [make, all]}\n").id == "wrong-type");
    CHECK(problem_of("build: {command: '  '}\n").id == "bad-command");
}

TEST_CASE("a Unikfile cut anywhere is an error or a smaller Unikfile, never a crash") {
    const std::string whole = "name: app\nbuild: {command: \"make all\", env: {A: 'b'}}\n"
                              "files:\n  - from: a\n    to: /a\nexpose: [80, \"53/udp\"]\n";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto manifest = parse(whole.substr(0, length));
        if (manifest.ok())
            CHECK(manifest->name.size() <= 3);
        else
            CHECK_FALSE(manifest.error().diagnostics.empty());
    }
}

TEST_CASE("looping aliases, gigantic files and garbage are refused") {
    CHECK(problems("name: a\nargs: &x [*x]\n")[0].id == "yaml-alias");
    CHECK(problems("name: " + std::string(2 << 20, 'a'))[0].id == "file-too-large");
    CHECK(problems(std::string("\x7f"
                               "ELF\x02\x01\x01\0\0\0",
                               10))[0]
              .id == "not-text");
    CHECK(problems("name: caf\xe9\n")[0].id == "not-text");
}

TEST_CASE("a file is read from disk, and its absence says how to write one") {
    const auto folder = TemporaryDirectory::create("unik-test-");
    REQUIRE(folder.ok());
    const auto file = folder->path() / "Unikfile";
    const auto missing = unikfile::load(file, folder->path());
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().diagnostics[0].id == "no-unikfile");
    CHECK(contains(missing.error().diagnostics[0].hint, "unik init"));
    REQUIRE(write_file(file, std::string_view("name: app\n")).ok());
    const auto manifest = unikfile::load(file, folder->path());
    REQUIRE(manifest.ok());
    CHECK(manifest->directory == folder->path());
    CHECK_FALSE(unikfile::load(folder->path(), folder->path()).ok());
    REQUIRE(write_file(file, std::string((1 << 20) + 1, '#')).ok());
    CHECK(unikfile::load(file, folder->path()).error().diagnostics[0].id == "file-too-large");
}
