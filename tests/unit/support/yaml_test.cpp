#include <support/yaml.hpp>

#include <string>

#include <doctest/doctest.h>

namespace {

using unik::parse_yaml;
using unik::YamlNode;

unik::Diagnostic only_problem(const std::string& text) {
    const auto document = parse_yaml("file", text);
    REQUIRE_FALSE(document.ok());
    REQUIRE(document.error().diagnostics.size() == 1);
    return document.error().diagnostics[0];
}

std::string repeat(std::string_view piece, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += piece;
    return out;
}

} // namespace

TEST_CASE("a mapping keeps source order and every node knows its place") {
    const auto document = parse_yaml("file", "b: one\na:\n  - 'two words'\n  - {x: y}\n");
    REQUIRE(document.ok());
    const YamlNode& root = document->root;
    REQUIRE(root.kind == YamlNode::Kind::mapping);
    REQUIRE(root.mapping.size() == 2);
    CHECK(root.mapping[0].key.scalar == "b");
    CHECK(root.mapping[0].value.line == 1);
    CHECK(root.mapping[0].value.column == 4);
    CHECK(root.mapping[0].value.length == 3);
    const YamlNode* list = root.find("a");
    REQUIRE(list != nullptr);
    REQUIRE(list->sequence.size() == 2);
    CHECK(list->sequence[0].quoted);
    CHECK(list->sequence[0].line == 3);
    CHECK(list->sequence[0].column == 5);
    CHECK(list->sequence[0].length == 11);
    CHECK(list->sequence[1].find("x")->scalar == "y");
    CHECK(root.find("c") == nullptr);
}

TEST_CASE("columns count bytes, and the excerpt is the whole line") {
    const auto document = parse_yaml("file", "ä: {ö: x}\r\n");
    REQUIRE(document.ok());
    const YamlNode* inner = document->root.find("ä")->find("ö");
    REQUIRE(inner != nullptr);
    const unik::SourceSpan span = document->span(*inner);
    CHECK(span.column == 10);
    CHECK(span.line_text == "ä: {ö: x}");
    CHECK(span.length == 1);
}

TEST_CASE("an absent value is placed at its key, not at the next token") {
    const auto document = parse_yaml("file", "name:\n\n\nversion: 1\nnil: ~\n");
    REQUIRE(document.ok());
    const YamlNode* name = document->root.find("name");
    CHECK(name->kind == YamlNode::Kind::null);
    CHECK(name->line == 1);
    CHECK(name->length == 4);
    CHECK(document->root.find("nil")->line == 5);
    CHECK(document->root.find("nil")->column == 6);
}

TEST_CASE("an empty text and a comment alone are a null document") {
    for (const char* text : {"", "\n\n", "# nothing\n", "---\n", "\xef\xbb\xbf"}) {
        const auto document = parse_yaml("file", text);
        REQUIRE(document.ok());
        CHECK(document->root.kind == YamlNode::Kind::null);
    }
}

TEST_CASE("a repeated key is a problem at its second place, and the first one stands") {
    const auto document = parse_yaml("file", "a: 1\nb: 2\na: 3\n");
    REQUIRE(document.ok());
    CHECK(document->root.mapping.size() == 2);
    CHECK(document->root.find("a")->scalar == "1");
    REQUIRE(document->problems.size() == 1);
    CHECK(document->problems[0].id == "repeated-key");
    CHECK(document->problems[0].where.line == 3);
}

TEST_CASE("an alias stands for a copy, placed where the alias is") {
    const auto document = parse_yaml("file", "a: &x [1, 2]\nb: *x\n");
    REQUIRE(document.ok());
    const YamlNode* copy = document->root.find("b");
    REQUIRE(copy->sequence.size() == 2);
    CHECK(copy->line == 2);
    CHECK(copy->column == 4);
}

TEST_CASE("an alias within its own anchor is refused") {
    const auto problem = only_problem("a: &x\n  - *x\n");
    CHECK(problem.id == "yaml-alias");
    CHECK(problem.where.line == 2);
    CHECK(only_problem("a: *nothing\n").id == "yaml-syntax");
}

TEST_CASE("aliases that multiply into gigabytes are refused") {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string alias = "*a" + std::to_string(i - 1) + " ";
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" +
                repeat(alias + ",", 9) + alias + "]\n";
    }
    CHECK(only_problem(text).id == "yaml-too-large");
    const std::string wide =
        "a: &x \"" + repeat("y", 500'000) + "\"\nb: [" + repeat("*x ,", 100) + "*x ]\n";
    CHECK(only_problem(wide).id == "yaml-too-large");
}

TEST_CASE("nesting is bounded") {
    CHECK(only_problem(repeat("[", 65) + repeat("]", 65)).id == "yaml-too-deep");
    CHECK(only_problem(repeat("{a: ", 65) + "b" + repeat("}", 65)).id == "yaml-too-deep");
    CHECK(parse_yaml("file", repeat("[", 64) + repeat("]", 64)).ok());
    CHECK_FALSE(parse_yaml("file", repeat("[", 1 << 20)).ok());
    CHECK_FALSE(parse_yaml("file", repeat("{", 1 << 20)).ok());
    CHECK_FALSE(parse_yaml("file", repeat("- ", 1 << 19)).ok());
    CHECK_FALSE(parse_yaml("file", repeat("? ", 1 << 19)).ok());
}

TEST_CASE("what is larger than a mebibyte is refused without being parsed") {
    const auto problem = only_problem(std::string((1 << 20) + 1, 'a'));
    CHECK(problem.id == "file-too-large");
    CHECK(problem.message.find("1048577") != std::string::npos);
}

TEST_CASE("more values than the bound are refused") {
    CHECK(only_problem("[" + repeat("a,", 200'000) + "]").id == "yaml-too-large");
}

TEST_CASE("binary garbage and other encodings are refused at the first wrong byte") {
    auto problem = only_problem(std::string("name: a\nb: \0c", 13));
    CHECK(problem.id == "not-text");
    CHECK(problem.where.line == 2);
    CHECK(problem.where.column == 4);
    CHECK(only_problem("name: \xff\xfe").message.find("0xff") != std::string::npos);
    CHECK(only_problem("a: \xc0\x80").id == "not-text");     // overlong NUL
    CHECK(only_problem("a: \xed\xa0\x80").id == "not-text"); // surrogate
    CHECK(only_problem("a: \xe2\x82").id == "not-text");     // cut
    CHECK(only_problem("\x7f"
                       "ELF\x02\x01\x01")
              .id == "not-text");
}

TEST_CASE("mistakes of syntax carry their place") {
    const auto problem = only_problem("name: a\nlist: [1, 2\nother: x\n");
    CHECK(problem.id == "yaml-syntax");
    CHECK(problem.where.line >= 2);
    CHECK(only_problem("a:\n\t- b\n").hint.find("tab") != std::string::npos);
    CHECK(only_problem("a: \"open\n").message.find("closing quote") != std::string::npos);
    CHECK(only_problem("a: &x !!str 'it''s\n\n").message.find("closing quote") !=
          std::string::npos);
    CHECK(only_problem("a: \"open").id == "yaml-syntax");
    CHECK(parse_yaml("file", "a: &x !!str 'it''s'\nb: \"x\\\"\n  y\"\n").ok());
    CHECK(only_problem("a: b: c\n").id == "yaml-syntax");
}

TEST_CASE("a second document, a foreign tag and a key that is no text are refused") {
    CHECK(only_problem("a: 1\n---\nb: 2\n").where.line >= 2);
    CHECK(only_problem("a: !!binary aGVsbG8=\n---\n").id == "yaml-syntax");
    CHECK(only_problem("a: !shell rm\n").id == "yaml-tag");
    CHECK(only_problem("[1, 2]: x\n").id == "yaml-key");
    CHECK(only_problem("? {a: b}\n: x\n").id == "yaml-key");
    CHECK(only_problem("~: x\n").id == "yaml-key");
}

TEST_CASE("names with colons are plain texts, as component descriptions write them") {
    const auto document = parse_yaml(
        "file", "drivers: {\"pci:1af4:1041\": os::virtio_net::attach_pci, \"mmio:1\": os::a}\n");
    REQUIRE(document.ok());
    const YamlNode* drivers = document->root.find("drivers");
    REQUIRE(drivers->mapping.size() == 2);
    CHECK(drivers->mapping[0].key.scalar == "pci:1af4:1041");
    CHECK(drivers->mapping[0].value.scalar == "os::virtio_net::attach_pci");
}
