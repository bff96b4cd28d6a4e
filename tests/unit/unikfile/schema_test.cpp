#include <unikfile/unikfile.hpp>

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include <support/file.hpp>
#include <support/process.hpp>

namespace {

using namespace unik;

// Exit status 0 when the schema is one and takes the document.
bool schema_takes(const std::string& document) {
    const auto folder = TemporaryDirectory::create("unik-test-");
    REQUIRE(folder.ok());
    REQUIRE(write_file(folder->path() / "schema.json", unikfile::json_schema()).ok());
    REQUIRE(write_file(folder->path() / "document.json", document).ok());
    Command command;
    command.directory = folder->path();
    command.arguments = {"python3", "-c",
                         "import json, sys\n"
                         "from jsonschema import Draft202012Validator as Validator\n"
                         "schema = json.load(open('schema.json'))\n"
                         "Validator.check_schema(schema)\n"
                         "document = json.load(open('document.json'))\n"
                         "sys.exit(0 if Validator(schema).is_valid(document) else 42)\n"};
    const auto completed = run(command);
    REQUIRE(completed.ok());
    INFO(completed->output);
    REQUIRE((completed->exit_status == 0 || completed->exit_status == 42));
    return completed->exit_status == 0;
}

} // namespace

TEST_CASE("the keys are those of the manual, in its order, each once and described") {
    std::set<std::string> seen;
    for (const auto& key : unikfile::keys()) {
        CAPTURE(key.path);
        CHECK(seen.insert(key.path).second);
        CHECK_FALSE(key.type.empty());
        CHECK(key.description.ends_with('.'));
    }
    const std::set<std::string> expected{"name",
                                         "version",
                                         "base",
                                         "language",
                                         "build",
                                         "build.command",
                                         "build.output",
                                         "build.runtime",
                                         "build.env",
                                         "entrypoint",
                                         "args",
                                         "env",
                                         "files",
                                         "files[].from",
                                         "files[].to",
                                         "files[].mode",
                                         "root",
                                         "tmpfs",
                                         "expose",
                                         "components",
                                         "components.add",
                                         "components.remove",
                                         "security",
                                         "security.allow",
                                         "resources",
                                         "resources.memory",
                                         "resources.cpus",
                                         "resources.esp",
                                         "sign",
                                         "sign.key",
                                         "sign.secure_boot",
                                         "sign.secure_boot.key",
                                         "sign.secure_boot.certificate",
                                         "targets",
                                         "labels"};
    CHECK(seen == expected);
}

TEST_CASE("the examples of the keys are accepted by the parser") {
    for (const auto& key : unikfile::keys()) {
        // What stands two levels down is given together with its siblings, not alone.
        if (key.example.empty() || key.path.find("[]") != std::string::npos ||
            std::count(key.path.begin(), key.path.end(), '.') > 1)
            continue;
        CAPTURE(key.path);
        std::string text = key.path == "name" ? "" : "name: app\n";
        const std::size_t dot = key.path.find('.');
        if (dot == std::string::npos)
            text += key.path + ": " + key.example + "\n";
        else
            text += key.path.substr(0, dot) + ":\n  " + key.path.substr(dot + 1) + ": " +
                    key.example + "\n";
        CHECK(unikfile::parse("Unikfile", text, "/project").ok());
    }
}

TEST_CASE("the schema is valid and takes what the parser takes") {
    const char* document = R"({
        "name": "web-server", "version": 1.2, "base": "library-os", "language": "c++",
        "build": {"command": "make", "output": "out/server", "env": {"A": 1}},
        "entrypoint": "/bin/x", "args": ["--port", 8080], "env": ["A=1"],
        "files": [{"from": "a", "to": "/a/", "mode": "0644"}],
        "expose": [8080, "53/udp"], "components": {"add": ["random"], "remove": []},
        "security": {"allow": ["jit"]},
        "resources": {"memory": "64M", "cpus": 2, "esp": "64M"}, "targets": ["qemu", "virtualbox:ova"],
        "labels": {"a": "b"}
    })";
    CHECK(schema_takes(document));
    CHECK(unikfile::parse("Unikfile", document, "/project").ok());
}

TEST_CASE("the schema refuses what the parser refuses") {
    for (const char* document :
         {R"({})", R"({"name": "A"})", R"({"name": "a", "memory": 1})",
          R"({"name": "a", "args": "x"})", R"({"name": "a", "args": [true]})",
          R"({"name": "a", "env": ["A"]})", R"({"name": "a", "expose": ["1-2"]})",
          R"({"name": "a", "files": [{"from": "a"}]})",
          R"({"name": "a", "files": [{"from": "a", "to": "b"}]})",
          R"({"name": "a", "files": [{"from": "/a", "to": "/b"}]})",
          R"({"name": "a", "entrypoint": "/../x"})", R"({"name": "a", "base": "linux"})",
          R"({"name": "a", "security": {"allow": ["root"]}})",
          R"({"name": "a", "resources": {"cpus": 0}})",
          R"({"name": "a", "resources": {"esp": -1}})",
          R"({"name": "a", "resources": {"memory": "1.5G"}})"}) {
        CAPTURE(document);
        CHECK_FALSE(schema_takes(document));
        CHECK_FALSE(unikfile::parse("Unikfile", document, "/project").ok());
    }
}
