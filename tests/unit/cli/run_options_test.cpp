#include <doctest/doctest.h>

#include <cstdlib>
#include <vector>

#include <cli/run_options.hpp>
#include <support/file.hpp>

using namespace unik;
using namespace unik::cli;

namespace {

Result<machine::RunOptions> options_of(std::vector<const char*> words) {
    words.insert(words.begin(), {"unik", "run"});
    return run_options(UNIK_TRY(parse(static_cast<int>(words.size()), words.data())));
}

std::string refusal(const std::vector<const char*>& words) {
    const auto options = options_of(words);
    REQUIRE_FALSE(options.ok());
    CHECK(options.error().exit_code == ExitCode::usage);
    CHECK_FALSE(options.error().diagnostics.at(0).hint.empty());
    return options.error().diagnostics.at(0).message;
}

} // namespace

TEST_CASE("ports are read as host, guest and protocol") {
    struct Case {
        const char* text;
        std::uint16_t host;
        std::uint16_t guest;
        unikfile::Protocol protocol;
    };
    for (const Case& port : {Case{"8080:80", 8080, 80, unikfile::Protocol::tcp},
                             Case{"0:53/udp", 0, 53, unikfile::Protocol::udp},
                             Case{"80", 80, 80, unikfile::Protocol::tcp},
                             Case{"1:65535/tcp", 1, 65535, unikfile::Protocol::tcp}}) {
        CAPTURE(port.text);
        const auto parsed = parse_port_forward(port.text);
        REQUIRE(parsed.ok());
        CHECK(parsed->host == port.host);
        CHECK(parsed->guest == port.guest);
        CHECK(parsed->protocol == port.protocol);
    }
}

TEST_CASE("a malformed port is a usage error with an example") {
    for (const char* text :
         {"", ":", "80:", ":80", "0", "1:0", "65536:1", "1:65536", "-1:80", "a:b", "1:2:3", "80/",
          "80/sctp", "80/udp/tcp", " 80", "1:2 ", "+1:2"}) {
        CAPTURE(text);
        const auto parsed = parse_port_forward(text);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().exit_code == ExitCode::usage);
        CHECK_FALSE(parsed.error().diagnostics.at(0).hint.empty());
    }
}

TEST_CASE("a variable has a name, and a value of its own or of this host") {
    ::setenv("UNIK_TEST_SET", "from host", 1);
    ::unsetenv("UNIK_TEST_UNSET");
    CHECK(parse_variable("A=b=c", "--env").value() ==
          std::pair<std::string, std::string>{"A", "b=c"});
    CHECK(parse_variable("A=", "--env").value().second.empty());
    CHECK(parse_variable("UNIK_TEST_SET", "--env").value().second == "from host");
    CHECK(refusal({"-e", "=x"}) == "--env: '=x' has no name, expected NAME=VALUE");
    CHECK(refusal({"-e", "UNIK_TEST_UNSET"}) == "--env: 'UNIK_TEST_UNSET' is not set on this host");
}

TEST_CASE("variables of a file come before those of the command line, with their place") {
    const auto folder = TemporaryDirectory::create("unik-test-");
    REQUIRE(folder.ok());
    const std::string file = (folder->path() / "env").string();
    REQUIRE(write_file(file, "# comment\n\nA=1\nB=two words\n").ok());
    const auto options = options_of({"-e", "A=2", "--env-file", file.c_str()});
    REQUIRE(options.ok());
    CHECK(options->environment == std::vector<std::pair<std::string, std::string>>{
                                      {"A", "1"}, {"B", "two words"}, {"A", "2"}});
    REQUIRE(write_file(file, "A=1\n=2\n").ok());
    CHECK(refusal({"--env-file", file.c_str()}) ==
          file + ":2: '=2' has no name, expected NAME=VALUE");
}

TEST_CASE("numbers and sizes are bounded") {
    CHECK(refusal({"-m", "1k"}) == "--memory is '1k', expected a size from 1M to 1T");
    CHECK(refusal({"-m", "2T"}) == "--memory is '2T', expected a size from 1M to 1T");
    CHECK(refusal({"-m", "lots"}) == "--memory is 'lots', expected a size from 1M to 1T");
    CHECK(refusal({"--cpus", "0"}) == "--cpus is '0', expected a number from 1 to 255");
    CHECK(refusal({"--cpus", "256"}) == "--cpus is '256', expected a number from 1 to 255");
    for (const char* timeout : {"0", "-1", "nan", "inf", "1s", "", "1e10"})
        CHECK(refusal({"--timeout", timeout}).starts_with("--timeout is '"));
    const auto options = options_of({"-m", "8M", "--cpus", "255", "--timeout", "0.5"});
    REQUIRE(options.ok());
    CHECK(options->memory == Bytes{8ULL << 20});
    CHECK(options->cpus == 255);
    CHECK(options->timeout == std::chrono::milliseconds(500));
}

TEST_CASE("the image fills in what the command line leaves open, and no more") {
    bundle::Image image;
    image.memory = Bytes{64ULL << 20};
    image.cpus = 2;
    image.expose = {{80, unikfile::Protocol::tcp}, {53, unikfile::Protocol::udp}};
    const char* const plain[] = {"unik", "run"};
    const auto open = parse(2, plain);
    machine::RunOptions options = run_options(open.value()).value();
    fill_in(options, open.value(), image);
    CHECK(options.memory == image.memory);
    CHECK(options.cpus == 2);
    REQUIRE(options.ports.size() == 2);
    CHECK(options.ports[1].host == 0);
    CHECK(options.ports[1].guest == 53);
    CHECK_FALSE(options.arguments.has_value());

    const char* const given[] = {"unik", "run", "-m", "32M", "--cpus", "1", "-p", "1:2", "--"};
    const auto closed = parse(9, given);
    options = run_options(closed.value()).value();
    fill_in(options, closed.value(), image);
    CHECK(options.memory == Bytes{32ULL << 20});
    CHECK(options.cpus == 1);
    CHECK(options.ports.size() == 1);
    CHECK(options.arguments == std::vector<std::string>{});
}
