#include "random/generator.hpp"

#include <array>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using os::Bytes;
using os::random::Generator;

namespace {

Bytes bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string next(Generator& generator, std::size_t size = 32) {
    std::vector<std::uint8_t> out(size);
    generator.fill({out.data(), out.size()});
    return {out.begin(), out.end()};
}

} // namespace

TEST_CASE("the same input gives the same bytes, other input others") {
    Generator a;
    Generator b;
    Generator c;
    a.absorb(bytes("seed"));
    b.absorb(bytes("seed"));
    c.absorb(bytes("seee"));
    const std::string first = next(a);
    CHECK(first == next(b));
    CHECK(first != next(c));
    CHECK(next(a) != first);
}

TEST_CASE("every part and the length of the input count") {
    std::set<std::string> outputs;
    const std::string inputs[] = {"",
                                  std::string(1, '\0'),
                                  std::string(31, '\0'),
                                  std::string(32, '\0'),
                                  std::string(33, '\0'),
                                  std::string(64, '\0'),
                                  std::string(40, 'x') + "a",
                                  std::string(40, 'x') + "b"};
    for (const std::string& input : inputs) {
        Generator generator;
        generator.absorb(bytes(input));
        outputs.insert(next(generator));
    }
    CHECK(outputs.size() == sizeof inputs / sizeof inputs[0]);
}

TEST_CASE("any length is filled to the last byte and not beyond") {
    for (std::size_t size = 0; size < 300; ++size) {
        // Some byte that stays zero twice in a row would be one in 65,536.
        std::vector<std::uint8_t> sum(size + 8);
        for (int round = 0; round < 4; ++round) {
            Generator generator;
            generator.absorb(bytes(std::string(1, static_cast<char>('a' + round))));
            std::vector<std::uint8_t> out(size + 8);
            generator.fill({out.data(), size});
            for (std::size_t i = 0; i < out.size(); ++i)
                sum[i] = static_cast<std::uint8_t>(sum[i] | out[i]);
        }
        for (std::size_t i = 0; i < size; ++i)
            REQUIRE(sum[i] != 0);
        for (std::size_t i = size; i < size + 8; ++i)
            REQUIRE(sum[i] == 0);
    }
}

TEST_CASE("bits are balanced") {
    Generator generator;
    const std::string out = next(generator, 100000);
    std::size_t ones = 0;
    for (const char byte : out)
        ones += static_cast<unsigned>(__builtin_popcount(static_cast<unsigned char>(byte)));
    CHECK(ones > 398000);
    CHECK(ones < 402000);
}
