#include <doctest/doctest.h>
#include <tulip/serial.hpp>

using namespace os::tulip;

namespace {

// An EEPROM and a PHY behind CSR9, moved by its edges.
class FakeParts final : public Registers {
public:
    std::uint16_t words[4096] = {};
    unsigned address_bits = 6;
    bool has_rom = true;
    unsigned phy = 32; // none
    std::uint16_t phy_status = 0;
    std::uint64_t accesses = 0;

    std::uint32_t read(Csr csr) override {
        ++accesses;
        if (csr != Csr::serial_port)
            return 0;
        return (has_rom && !rom_out_ ? 0U : 1U << 3) | (phy_out_ ? 1U << 19 : 0U);
    }
    void write(Csr csr, std::uint32_t value) override {
        ++accesses;
        if (csr != Csr::serial_port)
            return;
        if ((value & 1) == 0) {
            rom_bits_ = 0;
            rom_out_ = true;
        } else if (rises(value, 1U << 1)) {
            clock_rom((value & 4) != 0);
        }
        if (rises(value, 1U << 16))
            clock_phy((value & 1U << 18) != 0, (value & 1U << 17) != 0);
        last_ = value;
    }

private:
    bool rises(std::uint32_t value, std::uint32_t bit) const {
        return (value & bit) != 0 && (last_ & bit) == 0;
    }
    void clock_rom(bool bit) {
        ++rom_bits_;
        const unsigned header = 3 + address_bits;
        if (rom_bits_ <= header) {
            rom_word_ = rom_word_ << 1 | (bit ? 1U : 0U);
            rom_out_ = rom_bits_ != header; // the leading zero
            return;
        }
        const unsigned shown = rom_bits_ - header - 1;
        const unsigned index = rom_word_ & ((1U << address_bits) - 1);
        rom_out_ = shown < 16 && ((words[index] >> (15 - shown)) & 1) != 0;
    }
    void clock_phy(bool reads, bool bit) {
        if (!reads) {
            phy_word_ = phy_word_ << 1 | (bit ? 1U : 0U);
            phy_shown_ = 0;
            phy_out_ = true;
            return;
        }
        const bool ours = (phy_word_ & 0x3fff) == (6U << 10 | phy << 5 | 1U);
        const unsigned at = phy_shown_++;
        phy_out_ = !ours || (at < 16 && ((phy_status >> (15 - at)) & 1) != 0);
    }

    std::uint32_t last_ = 0;
    unsigned rom_bits_ = 0;
    unsigned rom_word_ = 0;
    bool rom_out_ = true;
    unsigned phy_word_ = 0;
    unsigned phy_shown_ = 0;
    bool phy_out_ = true;
};

} // namespace

TEST_CASE("the address is read from an EEPROM of any size") {
    for (const unsigned bits : {6U, 8U, 10U}) {
        FakeParts parts;
        parts.address_bits = bits;
        parts.words[10] = 0x5452;
        parts.words[11] = 0x1200;
        parts.words[12] = 0x5634;
        const auto address = read_address(parts);
        REQUIRE(address.ok());
        const std::uint8_t expected[] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
        for (unsigned i = 0; i < 6; ++i)
            CHECK(address.value().bytes[i] == expected[i]);
    }
}

TEST_CASE("an EEPROM that is empty, silent or holds no card's address is refused, without a hang") {
    FakeParts zeroes;
    CHECK_FALSE(read_address(zeroes).ok());
    FakeParts ones;
    for (auto& word : ones.words)
        word = 0xffff;
    CHECK_FALSE(read_address(ones).ok());
    FakeParts multicast;
    multicast.words[10] = 0x0001;
    CHECK_FALSE(read_address(multicast).ok());
    FakeParts none;
    none.has_rom = false;
    CHECK_FALSE(read_address(none).ok());
    CHECK(none.accesses < 1000);
}

TEST_CASE("the PHY is found where it is, and its link read") {
    for (const unsigned where : {0U, 1U, 31U}) {
        FakeParts parts;
        parts.phy = where;
        parts.phy_status = 0x782d;
        const auto found = find_phy(parts);
        REQUIRE(found.ok());
        CHECK(found.value() == where);
        CHECK(phy_link_up(parts, where));
        parts.phy_status = 0x7829;
        CHECK_FALSE(phy_link_up(parts, where));
    }
    FakeParts none;
    CHECK_FALSE(find_phy(none).ok());
    CHECK_FALSE(phy_link_up(none, 1));
}
