// Languages with a runtime: found, asked for its version, and put into the image with what recipes
// print.
#include <toolchain/toolchain.hpp>

#include <algorithm>

#include "project.hpp"

namespace {

using namespace unik;
using project_test::Project;
namespace fs = std::filesystem;

// A language whose interpreter is a copy of /bin/true beside the project.
class Interpreted : public Project {
public:
    Interpreted() {
        for (const char* folder : {"manifests/languages", "host/bin", "host/lib"})
            fs::create_directories(outside() / folder);
        fs::copy_file("/bin/true", runtime());
        fs::create_symlink("parrot-1.2", outside() / "host/bin/parrot");
        write_outside("host/lib/words", "hello");
        write("main.p", "say hello");
        describe("");
    }

    fs::path runtime() const { return fs::canonical(outside()) / "host/bin/parrot-1.2"; }

    void write_outside(const std::string& name, std::string_view text, unsigned mode = 0644) const {
        REQUIRE(write_file(outside() / name, text, mode).ok());
    }

    // more: keys of the recipe.
    void describe(const std::string& more, const std::string& version = "echo 1.2") const {
        write_outside(
            "manifests/languages/parrot.yaml",
            "name: parrot\nsummary: says it again\ndetect: ['*.p']\npriority: 90\n"
            "interpreted: true\npackages: [parrot-minimal]\n"
            "runtime: {program: parrot, version: '" +
                version +
                "'}\n"
                "collect: printf '%s\\t/lib/words\\n' \"$UNIK_RUNTIME_ROOT/lib/words\"\n"
                "recipes:\n  - name: script\n    output: ${UNIK_RUNTIME}\n"
                "    takes_entry: true\n    args: [-s]\n"
                "    image_env: {WORDS: /lib/words, LEVEL: '1'}\n"
                "    collect: |\n"
                "      printf '%s\\t/app\\n' \"$UNIK_SOURCE\"\n"
                "    command: echo /app/${UNIK_ENTRY:-main.p} > \"$UNIK_OUT/.arguments\"\n" +
                more);
    }

    Result<toolchain::Application> make(const std::string& keys = {}) const {
        const auto catalogue = manifests::Catalogue::load(outside() / "manifests");
        if (!catalogue.ok())
            FAIL(to_text(catalogue.error()));
        return toolchain::build(*catalogue,
                                manifest("name: app\nbuild:\n  runtime: " +
                                         (outside() / "host").string() + "\n" + keys),
                                {});
    }

    Diagnostic problem(const std::string& keys = {}) const {
        const auto application = make(keys);
        REQUIRE_FALSE(application.ok());
        return application.error().diagnostics[0];
    }
};

toolchain::Application made(Result<toolchain::Application> application) {
    if (!application.ok())
        FAIL(to_text(application.error()));
    return std::move(application).value();
}

std::string source_of(const toolchain::Application& application, const std::string& path) {
    for (const toolchain::CollectedFile& file : application.files)
        if (file.path == path)
            return file.source.string();
    return {};
}

using Words = std::vector<std::string>;

} // namespace

TEST_CASE("an interpreter goes into the image at its own place, with what the recipe prints") {
    const Interpreted project;
    const toolchain::Application application = made(project.make("args: [again]\n"));
    CHECK(application.runtime == "parrot 1.2");
    CHECK(application.executable_path == project.runtime());
    CHECK(application.manifest.entrypoint == project.runtime().string());
    CHECK(application.manifest.fixed_args == Words{"-s", "/app/main.p"});
    CHECK(application.manifest.args == Words{"again"});
    CHECK(source_of(application, "/app/main.p") ==
          (fs::canonical(project.path()) / "main.p").string());
    CHECK(source_of(application, "/lib/words") ==
          (fs::canonical(project.outside()) / "host/lib/words").string());
}

TEST_CASE("the Unikfile's words win over the recipe's: script, variables, files, entry point") {
    const Interpreted project;
    project.write("other.p", "say bye");
    project.write("words", "bye");
    const toolchain::Application application =
        made(project.make("  output: other.p\nenv: {LEVEL: 2}\nentrypoint: /bin/app\n"
                          "files: [{from: words, to: /lib/words}]\n"));
    CHECK(application.manifest.fixed_args == Words{"-s", "/app/other.p"});
    CHECK(application.manifest.entrypoint == "/bin/app");
    const auto& variables = application.manifest.environment;
    REQUIRE(variables.size() == 2);
    CHECK(variables[0] == std::pair<std::string, std::string>("LEVEL", "2"));
    CHECK(variables[1] == std::pair<std::string, std::string>("WORDS", "/lib/words"));
    CHECK(source_of(application, "/lib/words") ==
          (fs::canonical(project.path()) / "words").string());
}

TEST_CASE("with a command of its own a project is still run by the interpreter") {
    const Interpreted project;
    const toolchain::Application application =
        made(project.make("  command: 'echo \"own: $UNIK_OWN_COMMAND\" > made.txt'\n"));
    CHECK(application.executable_path == project.runtime());
    CHECK(application.manifest.fixed_args == Words{"-s"});
    CHECK_FALSE(source_of(application, "/app/made.txt").empty());
    const auto text = read_text_file(project.path() / "made.txt", Bytes{100});
    REQUIRE(text.ok());
    CHECK(*text == "own: yes\n");
}

TEST_CASE("a runtime that is not there, that is a script or that has no version is refused") {
    const Interpreted project;
    project.describe("", "true");
    CHECK(project.problem().id == "no-runtime");
    project.describe("");
    project.write_outside("host/bin/parrot-1.2", "#!/bin/sh\n", 0755);
    const Diagnostic shim = project.problem();
    CHECK(shim.id == "no-runtime");
    CHECK(shim.hint.find("shim") != std::string::npos);
    fs::remove(project.outside() / "host/bin/parrot");
    CHECK(project.problem().message.find("expected the program 'parrot'") != std::string::npos);
    const auto catalogue = manifests::Catalogue::load(project.outside() / "manifests");
    REQUIRE(catalogue.ok());
    const auto none = toolchain::build(*catalogue, project.manifest("name: app\n"), {});
    REQUIRE_FALSE(none.ok());
    CHECK(none.error().exit_code == ExitCode::missing_tool);
    CHECK(none.error().diagnostics[0].hint == "on Debian: apt-get install parrot-minimal");
    const auto of_c = toolchain::build(
        *catalogue, project.manifest("name: app\nlanguage: binary\nbuild: {runtime: /usr}\n"), {});
    REQUIRE_FALSE(of_c.ok());
    CHECK(of_c.error().diagnostics[0].id == "no-runtime");
}

TEST_CASE("where the runtime is a script, the language is asked for the program behind it") {
    const Interpreted project;
    fs::rename(project.runtime(), project.outside() / "host/lib/parrot");
    project.write_outside("host/bin/parrot-1.2", "#!/bin/sh\n", 0755);
    project.describe("", "echo 1.2', locate: 'echo ${UNIK_RUNTIME%/bin/*}/lib/parrot");
    const toolchain::Application application = made(project.make());
    CHECK(application.executable_path == fs::canonical(project.outside()) / "host/lib/parrot");
    project.describe("", "echo 1.2', locate: 'echo /etc/passwd");
    CHECK(project.problem().id == "no-runtime");
}

TEST_CASE("a recipe knows the port, and says in which folder the program starts") {
    const Interpreted project;
    project.describe("    directory: /app\n");
    CHECK(made(project.make()).manifest.directory_in_image == "/app");
    for (const auto& [keys, port] :
         {std::pair("", "8080\n"), std::pair("expose: [70/udp, 90]\n", "70\n")}) {
        const toolchain::Application application =
            made(project.make(std::string("  command: 'echo $UNIK_PORT > port.txt'\n") + keys));
        const auto text = read_text_file(project.path() / "port.txt", Bytes{100});
        REQUIRE(text.ok());
        CHECK(*text == port);
    }
}

TEST_CASE("a long script that fails is named, and only its last words are shown") {
    const Interpreted project;
    const Diagnostic found = project.problem("  command: |\n    echo last words\n    exit 3\n");
    CHECK(found.message == "the Unikfile's build command failed with exit status 3");
    CHECK(found.notes == std::vector<std::string>{"| last words"});
}

TEST_CASE("what a script collects cannot take the program's place") {
    const Interpreted project;
    project.write("app", "x");
    const Diagnostic found = project.problem("entrypoint: /app/main.p\n");
    CHECK(found.id == "duplicate-path");
    CHECK(found.message.find("would take the place of the program at '/app/main.p'") !=
          std::string::npos);
}
