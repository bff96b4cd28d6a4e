#include <cstring>
#include <random>
#include <vector>

#include <doctest/doctest.h>

extern "C" {
void* tested_memcpy(void* destination, const void* source, std::size_t size);
void* tested_memmove(void* destination, const void* source, std::size_t size);
void* tested_memset(void* destination, int value, std::size_t size);
int tested_memcmp(const void* first, const void* second, std::size_t size);
std::size_t tested_strlen(const char* text);
}

namespace {

std::vector<unsigned char> random_bytes(std::mt19937& random, std::size_t size) {
    std::vector<unsigned char> bytes(size);
    for (unsigned char& byte : bytes)
        byte = static_cast<unsigned char>(random());
    return bytes;
}

constexpr std::size_t k_room = 200;

} // namespace

TEST_CASE("memmove copies between blocks that overlap in any way") {
    std::mt19937 random(1);
    for (std::size_t size = 0; size < 70; ++size) {
        for (std::size_t distance = 0; distance < 64; ++distance) {
            for (const bool up : {false, true}) {
                const std::vector<unsigned char> start = random_bytes(random, k_room);
                std::vector<unsigned char> tested = start;
                const std::size_t from = up ? 3 : 3 + distance;
                const std::size_t to = up ? 3 + distance : 3;
                CHECK(tested_memmove(&tested[to], &tested[from], size) == &tested[to]);
                std::vector<unsigned char> expected = start;
                std::memmove(&expected[to], &expected[from], size);
                REQUIRE(tested == expected);
            }
        }
    }
}

TEST_CASE("memcpy and memset touch their bytes and no others") {
    std::mt19937 random(2);
    for (std::size_t size = 0; size < 90; ++size) {
        const std::vector<unsigned char> source = random_bytes(random, k_room);
        std::vector<unsigned char> tested = random_bytes(random, k_room);
        std::vector<unsigned char> expected = tested;
        CHECK(tested_memcpy(&tested[5], &source[7], size) == &tested[5]);
        std::memcpy(&expected[5], &source[7], size);
        REQUIRE(tested == expected);
        CHECK(tested_memset(&tested[9], 0x1a5, size) == &tested[9]);
        std::memset(&expected[9], 0x1a5, size);
        REQUIRE(tested == expected);
    }
}

TEST_CASE("memcmp orders by the first byte that differs, as an unsigned number") {
    CHECK(tested_memcmp("abc", "abc", 3) == 0);
    CHECK(tested_memcmp("abc", "abd", 3) < 0);
    CHECK(tested_memcmp("\xff", "a", 1) > 0);
    CHECK(tested_memcmp("a", "b", 0) == 0);
}

TEST_CASE("strlen counts up to the NUL") {
    CHECK(tested_strlen("") == 0);
    CHECK(tested_strlen("unik") == 4);
}
