#include <toolchain/toolchain.hpp>

#include <algorithm>
#include <cstring>
#include <elf.h>

#include <support/process.hpp>

#include "project.hpp"

namespace {

using namespace unik;
using project_test::Project;
namespace fs = std::filesystem;

constexpr std::string_view k_main = "#include <stdio.h>\n#include <assert.h>\n"
                                    "int main(int c, char** v) { assert(c > 0); (void)v;\n"
                                    "  puts(__FILE__ __DATE__ __TIME__); return 7; }\n";
constexpr std::string_view k_main_cpp = "#include <iostream>\n"
                                        "int main() { std::cout << \"hello\\n\"; return 8; }\n";

int run_bytes(const ByteVector& executable) {
    const auto folder = TemporaryDirectory::create("unik-test-");
    REQUIRE(folder.ok());
    REQUIRE(write_file(folder->path() / "program", executable, 0755).ok());
    const auto completed = run({.arguments = {(folder->path() / "program").string()},
                                .directory = {},
                                .environment = {},
                                .on_output = {}});
    REQUIRE(completed.ok());
    return completed->exit_status;
}

bool is_static(const ByteVector& executable) {
    Elf64_Ehdr header{};
    REQUIRE(executable.size() > sizeof(header));
    std::memcpy(&header, executable.data(), sizeof(header));
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment{};
        std::memcpy(&segment, executable.data() + header.e_phoff + i * sizeof(segment),
                    sizeof(segment));
        if (segment.p_type == PT_INTERP)
            return false;
    }
    return header.e_type == ET_EXEC;
}

toolchain::Application built(const Project& project, const std::string& unikfile) {
    auto application = project.build(unikfile);
    if (!application.ok())
        FAIL(to_text(application.error()));
    return std::move(application).value();
}

Diagnostic problem(const Project& project, const std::string& unikfile) {
    const auto application = project.build(unikfile);
    REQUIRE_FALSE(application.ok());
    REQUIRE_FALSE(application.error().diagnostics.empty());
    return application.error().diagnostics[0];
}

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

bool contains(const ByteVector& bytes, const std::string& text) {
    return std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) != bytes.end();
}

} // namespace

TEST_CASE("C sources alone become a static program, and the source tree stays clean") {
    Project project;
    project.write("main.c", k_main);
    project.write("src/more.c", "int more(void) { return 1; }\n");
    const auto application = built(project, "name: app\n");
    CHECK(application.language.name == "c");
    CHECK(application.manifest.language == "c");
    CHECK(application.manifest.entrypoint == "/bin/app");
    CHECK(is_static(application.executable));
    CHECK(run_bytes(application.executable) == 7);
    CHECK(names_in(project.path()) == std::vector<std::string>{"main.c", "src"});
    CHECK(names_in(project.path() / "src") == std::vector<std::string>{"more.c"});
}

TEST_CASE("the same sources in two folders make the same bytes") {
    Project one;
    one.write("main.c", k_main);
    const auto first = built(one, "name: app\n");
    Project two;
    two.write("main.c", k_main);
    fs::rename(two.path(), two.outside() / "another place");
    fs::create_directory_symlink(two.outside() / "another place", two.path());
    const auto second = built(two, "name: app\n");
    CHECK(first.executable == second.executable);
    CHECK_FALSE(contains(first.executable, one.outside().string()));
    CHECK_FALSE(contains(second.executable, "another place"));
}

TEST_CASE("a Makefile is used with the language's compiler, whatever flags it sets itself") {
    Project project;
    project.write("main.c", k_main);
    project.write("Makefile", "CFLAGS = -O1\nLDFLAGS =\nall: app helper\n"
                              "app: main.o\n\t$(CC) $(LDFLAGS) -o $@ $^\n"
                              "helper: main.o\n\t$(CC) -o $@ $^\n");
    const auto application = built(project, "name: app\n");
    CHECK(application.executable_path.filename() == "app");
    CHECK(is_static(application.executable));
    CHECK(run_bytes(application.executable) == 7);
    CHECK_FALSE(contains(application.executable, project.outside().string()));
}

TEST_CASE("CMake builds outside the source tree, for C and for C++") {
    for (const auto& [file, text, status] :
         {std::tuple{"main.c", k_main, 7}, {"main.cpp", k_main_cpp, 8}}) {
        Project project;
        project.write(file, text);
        project.write("CMakeLists.txt",
                      "cmake_minimum_required(VERSION 3.13)\nproject(x LANGUAGES " +
                          std::string(status == 7 ? "C" : "CXX") + ")\nadd_executable(server " +
                          file + ")\n");
        const auto application = built(project, "name: app\n");
        CHECK(application.executable_path.filename() == "server");
        CHECK(is_static(application.executable));
        CHECK(run_bytes(application.executable) == status);
        CHECK(names_in(project.path()) == std::vector<std::string>{"CMakeLists.txt", file});
        CHECK_FALSE(contains(application.executable, project.outside().string()));
    }
}

TEST_CASE("C++ sources become a static program, with C among them") {
    Project project;
    project.write("main.cpp", k_main_cpp);
    project.write("part.c", "int new = 1;\n");
    const auto application = built(project, "name: app\n");
    CHECK(application.language.name == "c++");
    CHECK(is_static(application.executable));
    CHECK(run_bytes(application.executable) == 8);
}

TEST_CASE("the Unikfile's own command runs with the language's environment and its own") {
    Project project;
    project.write("main.c", k_main);
    const auto application =
        built(project, "name: app\nentrypoint: /opt/x\nbuild:\n  command: mkdir -p out && "
                       "$CC $EXTRA main.c -o out/program\n  output: out/program\n"
                       "  env: {EXTRA: -DX=1}\n");
    CHECK(application.executable_path == fs::canonical(project.path()) / "out/program");
    CHECK(application.manifest.entrypoint == "/opt/x");
    CHECK(is_static(application.executable));
}

TEST_CASE("a binary is the only executable, or the one that is named") {
    Project project;
    project.write("program", std::string_view());
    fs::copy_file("/bin/true", project.path() / "program", fs::copy_options::overwrite_existing);
    project.write("note.txt", "x");
    CHECK(built(project, "name: app\n").language.name == "binary");
    fs::copy_file("/bin/true", project.path() / "second");
    const auto several = problem(project, "name: app\n");
    CHECK(several.id == "no-executable");
    CHECK(several.notes.size() == 2);
    CHECK(built(project, "name: app\nbuild: {output: second}\n").executable_path.filename() ==
          "second");
    CHECK(built(project, "name: second\n").executable_path.filename() == "second");
}

TEST_CASE("no executable is told, with what was there") {
    Project project;
    project.write("main.c", k_main);
    auto found = problem(project, "name: app\nbuild: {command: 'true'}\n");
    CHECK(found.id == "no-executable");
    CHECK(found.hint.find("build: {output") != std::string::npos);
    found = problem(project, "name: app\nlanguage: binary\n");
    CHECK(found.id == "no-executable");
    found = problem(project, "name: app\nbuild: {command: 'true', output: missing}\n");
    CHECK(found.id == "no-executable");
    project.link("/bin/true", "escape");
    found = problem(project, "name: app\nbuild: {command: 'true', output: escape}\n");
    CHECK(found.id == "path-escapes");
    found = problem(project, "name: app\nbuild: {command: 'mkdir -p d', output: d}\n");
    CHECK(found.id == "not-a-file");
}

TEST_CASE("a failed tool shows its command, its status and its last lines") {
    Project project;
    project.write("main.c", "int main(void) { return undeclared; }\n");
    const auto found = problem(project, "name: app\n");
    CHECK(found.id == "build-failed");
    CHECK(found.message.find("the recipe 'sources' of 'c' failed with exit status 1") !=
          std::string::npos);
    CHECK(std::any_of(found.notes.begin(), found.notes.end(), [](const std::string& note) {
        return note.find("undeclared") != std::string::npos;
    }));
    const auto command = problem(project, "name: app\nbuild: {command: 'echo gone; exit 9'}\n");
    CHECK(command.message.find("exit status 9") != std::string::npos);
    CHECK(command.notes.at(0) == "command: sh -c 'echo gone; exit 9'");
    CHECK(command.notes.at(1) == "| gone");
}

TEST_CASE("a missing tool is exit code 3 and names the package") {
    Project project;
    project.write("main.c", k_main);
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", project.path().c_str(), 1);
    const auto application = project.build("name: app\n");
    ::setenv("PATH", path.c_str(), 1);
    REQUIRE_FALSE(application.ok());
    CHECK(application.error().exit_code == ExitCode::missing_tool);
    CHECK(application.error().diagnostics[0].id == "missing-tool");
    CHECK(application.error().diagnostics[0].hint.find("apt-get install musl-tools") !=
          std::string::npos);
}

TEST_CASE("the language is detected, or all that was looked for is named") {
    const auto catalogue = manifests::Catalogue::load({});
    REQUIRE(catalogue.ok());
    Project project;
    const auto nothing = toolchain::detect_language(*catalogue, project.path());
    REQUIRE_FALSE(nothing.ok());
    CHECK(nothing.error().diagnostics[0].id == "unknown-language");
    CHECK(nothing.error().diagnostics[0].notes.size() == catalogue->languages().size());
    project.write("README", "\x7f"
                            "ELF is not enough");
    CHECK_FALSE(toolchain::detect_language(*catalogue, project.path()).ok());
    project.write("src/a.c", "");
    CHECK(*toolchain::detect_language(*catalogue, project.path()) == "c");
    project.write("src/b.cpp", "");
    CHECK(*toolchain::detect_language(*catalogue, project.path()) == "c++");
    const auto unknown = project.build("name: app\nlanguage: cobol\n");
    REQUIRE_FALSE(unknown.ok());
    CHECK(unknown.error().diagnostics[0].id == "unknown-language");
}

TEST_CASE("a language without a recipe for the project says what the recipes need") {
    Project project;
    project.write("main.txt", "");
    const auto found = problem(project, "name: app\nlanguage: c\n");
    CHECK(found.id == "no-recipe");
    CHECK(found.notes.size() == 4);
}

TEST_CASE("the tools' output is seen as it comes") {
    Project project;
    project.write("main.c", k_main);
    const auto catalogue = manifests::Catalogue::load({});
    REQUIRE(catalogue.ok());
    std::string seen;
    toolchain::BuildOptions options;
    options.on_output = [&](std::string_view piece) { seen += piece; };
    const auto application = toolchain::build(
        *catalogue,
        project.manifest("name: app\nbuild: {command: 'echo hello; $CC main.c -o app'}\n"),
        options);
    REQUIRE(application.ok());
    CHECK(seen == "hello\n");
}
