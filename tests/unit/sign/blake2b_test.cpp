#include "testing.hpp"

#include <fmt/format.h>

#include <sign/blake2b.hpp>

namespace unik::sign {
namespace {

std::string hex(const Checksum& sum) {
    std::string out;
    for (const std::uint8_t byte : sum)
        out += fmt::format("{:02x}", byte);
    return out;
}

TEST_CASE("BLAKE2b-256 of texts around the block size is what b2sum --length=256 prints") {
    CHECK(hex(blake2b_256({})) ==
          "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    CHECK(hex(blake2b_256(bytes_of("abc"))) ==
          "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    for (const auto& [size, sum] : std::initializer_list<std::pair<std::size_t, const char*>>{
             {127, "59e2f1aba240f20aa591016f5ef429990bc9c2131dcd0d30f0ffd75ed18f317d"},
             {128, "ae2aa48507885c4c950fb809b2076f959cde9f8ea6da260d9a3587df33dac450"},
             {129, "2f64744a6de0d2c0b56e64cf6e29a5aaa255010d415d51c75ccc82f73dccd865"},
             {300, "3c1292de00a518e36823f9ff908ac2da46be38718c018713403461df077e15f6"}})
        CHECK(hex(blake2b_256(bytes_of(std::string(size, 'a')))) == sum);
}

} // namespace
} // namespace unik::sign
