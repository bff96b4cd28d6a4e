#include <doctest/doctest.h>

#include <array>
#include <vector>

#include <cli/invocation.hpp>

using namespace unik;
using namespace unik::cli;

namespace {

Result<Invocation> parse_words(std::vector<const char*> words) {
    words.insert(words.begin(), "unik");
    return parse(static_cast<int>(words.size()), words.data());
}

const Diagnostic& only(const Error& error) {
    REQUIRE(error.diagnostics.size() == 1);
    return error.diagnostics[0];
}

struct Refused {
    std::vector<const char*> words;
    const char* message;
    const char* hint;
};

} // namespace

TEST_CASE("what is wrong with a command line is said in words of the user") {
    const std::vector<Refused> cases{
        {{"biuld"}, "unik has no command 'biuld'", "did you mean 'build'?"},
        {{"manul"}, "unik has no command 'manul'", "see 'unik help'"},
        {{"build", "--explian"},
         "'unik build' has no option '--explian'",
         "did you mean '--explain'?"},
        {{"build", "--targt=qemu"},
         "'unik build' has no option '--targt=qemu'",
         "did you mean '--target'?"},
        {{"build", "-x"}, "'unik build' has no option '-x'", "see 'unik help build'"},
        {{"build", "-o"}, "--output needs a value", "write it as -o, --output BUNDLE"},
        {{"build", "-o", "--explain"}, "--output needs a value", "write it as -o, --output BUNDLE"},
        {{"run", "--manifests"}, "--manifests needs a value", "write it as --manifests DIR"},
        {{"build", "--explain=yes"},
         "--explain is a switch and takes no value",
         "see 'unik help build'"},
        {{"build", "a", "b"},
         "'unik build' takes no further argument 'b'",
         "usage: unik build [options] [DIR]"},
        {{"inspect"}, "'unik inspect' needs BUNDLE", "usage: unik inspect [options] BUNDLE"},
        {{"build", "--progress", "plian"},
         "--progress is 'plian', expected auto, plain or json",
         "did you mean 'plain'?"},
        {{"completion", "tcsh"},
         "SHELL is 'tcsh', expected bash, zsh or fish",
         "see 'unik help completion'"},
    };
    for (const Refused& refused : cases) {
        CAPTURE(std::string(refused.message));
        const auto parsed = parse_words(refused.words);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().exit_code == ExitCode::usage);
        CHECK(only(parsed.error()).id == "usage");
        CHECK(only(parsed.error()).message == refused.message);
        CHECK(only(parsed.error()).hint == refused.hint);
    }
}

TEST_CASE("options give their values, the last one or all of them, or their default") {
    const auto parsed = parse_words(
        {"build", "web", "-t", "a", "--target=b", "-o", "x", "-o", "y", "--explain", "--explain"});
    REQUIRE(parsed.ok());
    CHECK(parsed->command->name == "build");
    CHECK(parsed->value("DIR") == "web");
    CHECK(parsed->all("target") == std::vector<std::string>{"a", "b"});
    CHECK(parsed->value("output") == "y");
    CHECK(parsed->has("explain"));
    CHECK_FALSE(parsed->has("quiet"));
    CHECK(parsed->value("progress") == "auto");
    CHECK(parsed->value("file").empty());
}

TEST_CASE("a value may begin with a dash when it is joined or a number") {
    const auto joined = parse_words({"run", "--qemu-arg=-snapshot", "--timeout", "-1"});
    REQUIRE(joined.ok());
    CHECK(joined->value("qemu-arg") == "-snapshot");
    CHECK(joined->value("timeout") == "-1");
}

TEST_CASE("what follows two dashes belongs to the program untouched") {
    const auto parsed = parse_words({"run", "b.unik", "--", "-h", "--", "--boot", ""});
    REQUIRE(parsed.ok());
    CHECK_FALSE(parsed->help);
    CHECK(parsed->value("BUNDLE") == "b.unik");
    CHECK(parsed->all("ARGS") == std::vector<std::string>{"-h", "--", "--boot", ""});
    CHECK(parsed->value("boot").empty()); // that one was the program's
}

TEST_CASE("two dashes with nothing behind them empty the program's arguments") {
    const auto parsed = parse_words({"run", "--"});
    REQUIRE(parsed.ok());
    CHECK(parsed->has("ARGS"));
    CHECK(parsed->all("ARGS").empty());
}

TEST_CASE("help and version are reached in every usual way") {
    for (const char* word : {"help", "--help", "-h"}) {
        const auto parsed = parse_words({word});
        REQUIRE(parsed.ok());
        CHECK(parsed->command->name == "help");
    }
    CHECK(parse_words({})->command->name == "help");
    CHECK(parse_words({"--version"})->command->name == "version");
    const auto build = parse_words({"build", "--nonsense", "-h"});
    REQUIRE(build.ok());
    CHECK(build->help);
}
