#include "linux-process/initial_stack.hpp"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace os::linux_process;

constexpr std::uint64_t k_address = 0x7fff00000000;

// Reads the stack as a program would.
class Reader {
public:
    Reader(const std::vector<std::uint8_t>& memory, std::uint64_t address)
        : memory_(memory), at_(address) {}

    std::uint64_t word() {
        std::uint64_t value;
        std::memcpy(&value, memory_.data() + (at_ - k_address), sizeof(value));
        at_ += sizeof(value);
        return value;
    }
    std::string text(std::uint64_t address) const {
        return reinterpret_cast<const char*>(memory_.data() + (address - k_address));
    }
    std::vector<std::string> texts() {
        std::vector<std::string> all;
        while (const std::uint64_t address = word())
            all.push_back(text(address));
        return all;
    }
    std::map<std::uint64_t, std::uint64_t> auxiliary() {
        std::map<std::uint64_t, std::uint64_t> all;
        while (const std::uint64_t type = word())
            all[type] = word();
        return all;
    }

private:
    const std::vector<std::uint8_t>& memory_;
    std::uint64_t at_;
};

using Texts = std::vector<const char*>;

// The contents refer to both.
StackContents contents_of(const Texts& arguments, const Texts& variables) {
    StackContents contents;
    contents.arguments = {arguments.data(), arguments.size()};
    contents.variables = {variables.data(), variables.size()};
    return contents;
}

const Texts k_none;

} // namespace

TEST_CASE("a program finds its arguments, environment and auxiliary vector") {
    const Texts arguments{"server", "--port", "8080"};
    const Texts variables{"HOME=/", "EMPTY="};
    const AuxiliaryEntry auxiliary[] = {{Auxiliary::page_size, 4096}, {Auxiliary::entry, 0x401000}};
    StackContents contents = contents_of(arguments, variables);
    contents.program = "/bin/server";
    contents.auxiliary = auxiliary;
    for (unsigned i = 0; i < 16; ++i)
        contents.random[i] = static_cast<std::uint8_t>(i + 1);
    std::vector<std::uint8_t> memory(8192, 0xee);
    const auto result = build_initial_stack({memory.data(), memory.size()}, k_address, contents);
    REQUIRE(result.ok());
    CHECK(result.value() % 16 == 0);

    Reader reader(memory, result.value());
    CHECK(reader.word() == 3);
    CHECK(reader.texts() == std::vector<std::string>{"server", "--port", "8080"});
    CHECK(reader.texts() == std::vector<std::string>{"HOME=/", "EMPTY="});
    const auto found = reader.auxiliary();
    CHECK(found.at(6) == 4096);
    CHECK(found.at(9) == 0x401000);
    CHECK(reader.text(found.at(15)) == "x86_64");
    CHECK(reader.text(found.at(31)) == "/bin/server");
    CHECK(memory[found.at(25) - k_address] == 1);
    CHECK(memory[found.at(25) - k_address + 15] == 16);
}

TEST_CASE("no arguments and no environment are fine") {
    std::vector<std::uint8_t> memory(1024);
    const auto result =
        build_initial_stack({memory.data(), memory.size()}, k_address, contents_of(k_none, k_none));
    REQUIRE(result.ok());
    Reader reader(memory, result.value());
    CHECK(reader.word() == 0);
    CHECK(reader.texts().empty());
    CHECK(reader.texts().empty());
    CHECK(reader.text(reader.auxiliary().at(31)).empty());
}

TEST_CASE("the stack pointer is aligned whatever the strings' lengths") {
    for (std::size_t length = 0; length < 40; ++length) {
        const std::string argument(length, 'a');
        const Texts arguments{argument.c_str()};
        std::vector<std::uint8_t> memory(2048);
        const auto result = build_initial_stack({memory.data(), memory.size()}, k_address,
                                                contents_of(arguments, k_none));
        REQUIRE(result.ok());
        CHECK(result.value() % 16 == 0);
        Reader reader(memory, result.value());
        reader.word();
        CHECK(reader.texts() == std::vector<std::string>{argument});
    }
}

TEST_CASE("what does not fit is refused, to the byte") {
    const std::string argument(300, 'a');
    const Texts arguments{argument.c_str()};
    const Texts variables{"A=B"};
    const auto contents = contents_of(arguments, variables);
    bool fitted = false;
    for (std::size_t size = 0; size < 700; ++size) {
        std::vector<std::uint8_t> memory(size);
        const auto result =
            build_initial_stack({memory.data(), memory.size()}, k_address, contents);
        CHECK((result.ok() || result.error() == os::Errno::e2big));
        CHECK((!fitted || result.ok()));
        fitted = result.ok();
        if (fitted)
            CHECK(result.value() >= k_address);
    }
    CHECK(fitted);
}
