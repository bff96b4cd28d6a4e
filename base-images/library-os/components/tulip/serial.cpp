#include "serial.hpp"

namespace os::tulip {

namespace {
// CSR9's bits.
constexpr std::uint32_t k_rom_select = 1U << 0;
constexpr std::uint32_t k_rom_clock = 1U << 1;
constexpr std::uint32_t k_rom_in = 1U << 2; // as the EEPROM sees it
constexpr std::uint32_t k_rom_out = 1U << 3;
constexpr std::uint32_t k_rom_access = 1U << 11 | 1U << 14; // the EEPROM, for reading
constexpr std::uint32_t k_phy_clock = 1U << 16;
constexpr std::uint32_t k_phy_out = 1U << 17;
constexpr std::uint32_t k_phy_reads = 1U << 18; // the PHY drives the line
constexpr std::uint32_t k_phy_in = 1U << 19;

constexpr unsigned k_read_command = 6; // start bit and opcode
constexpr unsigned k_most_address_bits = 12;
constexpr unsigned k_address_word = 10; // of the EEPROM, in the 21X4 format
constexpr unsigned k_phys = 32;
constexpr unsigned k_phy_status = 1; // its register
constexpr std::uint16_t k_phy_status_link = 1 << 2;

// A read of the slow bus between edges keeps the clock below what the parts allow.
void settle(Registers& registers) {
    (void)registers.read(Csr::serial_port);
}

class Rom {
public:
    explicit Rom(Registers& registers) : registers_(registers) {}

    Result<std::uint16_t> read(unsigned word) {
        if (address_bits_ == 0)
            UNIK_TRY(count_address_bits());
        begin();
        for (unsigned bit = address_bits_; bit-- > 0;)
            clock((word >> bit) & 1);
        std::uint16_t value = 0;
        for (unsigned bit = 0; bit < 16; ++bit)
            value = static_cast<std::uint16_t>(value << 1 | clock(0));
        end();
        return value;
    }

private:
    void set(std::uint32_t bits) {
        registers_.write(Csr::serial_port, k_rom_access | bits);
        settle(registers_);
    }
    unsigned clock(unsigned bit) {
        const std::uint32_t in = k_rom_select | (bit != 0 ? k_rom_in : 0);
        set(in);
        set(in | k_rom_clock);
        const bool out = (registers_.read(Csr::serial_port) & k_rom_out) != 0;
        set(in);
        return out ? 1 : 0;
    }
    void begin() {
        set(0);
        set(k_rom_select);
        for (unsigned bit = 3; bit-- > 0;)
            clock((k_read_command >> bit) & 1);
    }
    void end() { set(0); }

    // The part pulls its output low with the last bit of the address.
    Result<void> count_address_bits() {
        begin();
        unsigned count = 1;
        while (count <= k_most_address_bits && clock(0) != 0)
            ++count;
        end();
        if (count < 2 || count > k_most_address_bits)
            return Errno::enodev;
        address_bits_ = count;
        return {};
    }

    Registers& registers_;
    unsigned address_bits_ = 0;
};

class Phy {
public:
    Phy(Registers& registers, unsigned address) : registers_(registers), address_(address) {}

    std::uint16_t read(unsigned reg) {
        constexpr unsigned start_and_read = 6;
        for (unsigned i = 0; i < 32; ++i)
            put(1);
        const unsigned command = start_and_read << 10 | address_ << 5 | reg;
        for (unsigned bit = 14; bit-- > 0;)
            put((command >> bit) & 1);
        (void)get(); // the line changes direction
        std::uint16_t value = 0;
        for (unsigned i = 0; i < 16; ++i)
            value = static_cast<std::uint16_t>(value << 1 | get());
        (void)get(); // idle again
        return value;
    }

private:
    void set(std::uint32_t bits) {
        registers_.write(Csr::serial_port, bits);
        settle(registers_);
    }
    void put(unsigned bit) {
        const std::uint32_t out = bit != 0 ? k_phy_out : 0;
        set(out);
        set(out | k_phy_clock);
    }
    unsigned get() {
        set(k_phy_reads);
        const bool in = (registers_.read(Csr::serial_port) & k_phy_in) != 0;
        set(k_phy_reads | k_phy_clock);
        return in ? 1 : 0;
    }

    Registers& registers_;
    unsigned address_;
};
} // namespace

Result<net::MacAddress> read_address(Registers& registers) {
    Rom rom(registers);
    net::MacAddress address;
    std::uint8_t all = 0;
    for (unsigned i = 0; i < 3; ++i) {
        const std::uint16_t word = UNIK_TRY(rom.read(k_address_word + i));
        address.bytes[2 * i] = static_cast<std::uint8_t>(word);
        address.bytes[2 * i + 1] = static_cast<std::uint8_t>(word >> 8);
    }
    for (const std::uint8_t byte : address.bytes)
        all |= byte;
    const bool is_multicast = (address.bytes[0] & 1) != 0; // as all ones are
    if (all == 0 || is_multicast)
        return Errno::enodev;
    return address;
}

Result<unsigned> find_phy(Registers& registers) {
    for (unsigned address = 1; address <= k_phys; ++address) { // 0 comes last: it may mean "all"
        const std::uint16_t value = Phy(registers, address % k_phys).read(k_phy_status);
        if (value != 0 && value != 0xffff)
            return address % k_phys;
    }
    return Errno::enodev;
}

bool phy_link_up(Registers& registers, unsigned phy) {
    // A link that was lost stays noted until it has been read.
    Phy status(registers, phy);
    (void)status.read(k_phy_status);
    const std::uint16_t value = status.read(k_phy_status);
    return value != 0xffff && (value & k_phy_status_link) != 0;
}

} // namespace os::tulip
