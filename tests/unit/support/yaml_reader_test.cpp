#include <support/yaml_reader.hpp>

#include <doctest/doctest.h>

namespace {

using namespace unik;

struct Thing {
    std::string name;
    std::string start = "none";
    std::vector<std::string> requirements;
    std::map<std::string, std::string> calls;
    std::int64_t count = 0;
    Bytes memory;
};

constexpr YamlField<Thing> k_fields[] = {
    {{.key = "name", .type = "text", .presence = Presence::required, .example = "box"},
     text_into<&Thing::name>},
    {{.key = "start", .type = "text"}, optional_text_into<&Thing::start>},
    {{.key = "requires", .type = "list of text"}, text_list_into<&Thing::requirements>},
    {{.key = "calls", .type = "mapping of text"}, text_map_into<&Thing::calls>},
    {{.key = "count", .type = "number"},
     [](YamlReader& reader, const YamlNode& value, Thing& out) {
         out.count = reader.integer(value, 1, 64).value_or(0);
     }},
    {{.key = "memory", .type = "size"},
     [](YamlReader& reader, const YamlNode& value, Thing& out) {
         out.memory = reader.size(value).value_or(Bytes{});
     }},
};

Result<Thing> read(const std::string& text) {
    const YamlDocument document = UNIK_TRY(parse_yaml("thing.yaml", text));
    YamlReader reader(document);
    Thing thing;
    reader.read_fields(document.root, std::span<const YamlField<Thing>>(k_fields), thing);
    UNIK_TRY(reader.finish());
    return thing;
}

std::vector<Diagnostic> problems(const std::string& text) {
    const auto thing = read(text);
    REQUIRE_FALSE(thing.ok());
    return thing.error().diagnostics;
}

} // namespace

TEST_CASE("a table fills a struct") {
    const auto thing = read("name: box\nstart: null\nrequires: [a, b]\n"
                            "calls: {read: os::read, n: 1}\ncount: 3\nmemory: 64M\n");
    REQUIRE(thing.ok());
    CHECK(thing->name == "box");
    CHECK(thing->start == "none");
    CHECK(thing->requirements == std::vector<std::string>{"a", "b"});
    CHECK(thing->calls.at("read") == "os::read");
    CHECK(thing->calls.at("n") == "1");
    CHECK(thing->count == 3);
    CHECK(thing->memory.value == 64U << 20);
}

TEST_CASE("all problems come in one run, in source order") {
    const auto found = problems("nmae: x\nrequires: 1\ncount: 65\nname: [a]\nmemory: much\n"
                                "count: 2\ncalls: {a: true}\n");
    REQUIRE(found.size() == 7);
    CHECK(found[0].id == "unknown-key");
    CHECK(found[0].hint == "did you mean 'name'?");
    CHECK(found[1].message == "expected a list of texts, found the number 1");
    CHECK(found[2].message == "expected a number from 1 to 64, found the number 65");
    CHECK(found[3].message == "expected a text, found a list");
    CHECK(found[4].id == "bad-size");
    CHECK(found[5].id == "repeated-key");
    CHECK(found[6].id == "wrong-type");
}

TEST_CASE("a missing key is named with an example") {
    const auto found = problems("count: 1\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == "missing-key");
    CHECK(found[0].hint == "add 'name: box'");
}

TEST_CASE("a key that resembles none is answered with those that exist") {
    CHECK(problems("name: a\nzzzzzzzzzz: 1\n")[0].hint.find("name, start, requires") !=
          std::string::npos);
}

TEST_CASE("a number or a truth value is no text unless it is quoted") {
    CHECK(problems("name: 42\n")[0].hint == "quote it if it is meant as text: \"42\"");
    CHECK(problems("name: true\n")[0].id == "wrong-type");
    CHECK(problems("name: 1e3\n")[0].id == "wrong-type");
    CHECK(read("name: \"42\"\n").ok());
    CHECK(read("name: !!str 42\n").ok());
    CHECK(read("name: 1.2.3\n").ok());
    CHECK(read("name: 0x\n").ok());
}

TEST_CASE("whatever is no mapping is refused") {
    for (const char* text : {"", "just text\n", "- a\n", "42\n"}) {
        const auto found = problems(text);
        REQUIRE(found.size() == 1);
        CHECK(found[0].id == "wrong-type");
    }
}

TEST_CASE("a NUL byte cannot be smuggled in by an escape") {
    CHECK(problems("name: \"a\\0b\"\n")[0].id == "invalid-text");
    CHECK(problems("name: a\ncalls: {\"a\\0\": b}\n")[0].id == "invalid-text");
}

TEST_CASE("numbers beyond 64 bits are out of range, not wrapped") {
    CHECK(problems("name: a\ncount: 99999999999999999999999\n")[0].id == "out-of-range");
    CHECK(problems("name: a\ncount: -1\n")[0].id == "out-of-range");
    CHECK(problems("name: a\ncount: 0x10\n")[0].id == "out-of-range");
    CHECK(problems("name: a\nmemory: 99999999999999999999G\n")[0].id == "bad-size");
}

TEST_CASE("thousands of problems are counted, not printed") {
    std::string text = "name: a\n";
    for (int i = 0; i < 2000; ++i)
        text += "unknown" + std::to_string(i) + ": 1\n";
    const auto found = problems(text);
    CHECK(found.size() == 50);
    REQUIRE(found.back().notes.size() == 1);
    CHECK(found.back().notes[0] == "1950 more problems are not shown");
}

TEST_CASE("escape sequences in a key do not reach the terminal") {
    const auto found = problems("name: a\n\"\\e[31m\": 1\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "unknown key '?[31m'");
}
