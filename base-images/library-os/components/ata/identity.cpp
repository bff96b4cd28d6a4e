#include <ata/identity.hpp>

namespace os::ata {

namespace {

// Words of the answer.
constexpr unsigned k_general = 0; // bit 15 clear: ATA
constexpr unsigned k_serial = 10;
constexpr unsigned k_capabilities = 49;
constexpr unsigned k_sectors_28 = 60;
constexpr unsigned k_features = 82;
constexpr unsigned k_features_2 = 83;
constexpr unsigned k_sectors_48 = 100;
constexpr unsigned k_sector_sizes = 106;
constexpr unsigned k_logical_sector_words = 117;
constexpr unsigned k_integrity = 255;

constexpr unsigned k_not_ata = 1 << 15;
constexpr unsigned k_has_dma = 1 << 8;
constexpr unsigned k_has_lba = 1 << 9;
constexpr unsigned k_has_write_cache = 1 << 5;
constexpr unsigned k_has_48_bits = 1 << 10;
constexpr unsigned k_has_flush = 1 << 12;
constexpr unsigned k_has_flush_48 = 1 << 13;
constexpr unsigned k_long_logical_sectors = 1 << 12;
constexpr unsigned k_several_per_physical = 1 << 13;
constexpr unsigned k_integrity_mark = 0xa5;

constexpr std::uint8_t k_identify = 0xec;
constexpr std::uint8_t k_flush = 0xe7;
constexpr std::uint8_t k_flush_48 = 0xea;

class Words {
public:
    explicit Words(Bytes bytes) : bytes_(bytes) {}
    std::uint16_t operator[](unsigned index) const {
        return static_cast<std::uint16_t>(bytes_[2 * index] | bytes_[2 * index + 1] << 8);
    }
    std::uint64_t number(unsigned index, unsigned words) const {
        std::uint64_t value = 0;
        while (words-- > 0)
            value = value << 16 | (*this)[index + words];
        return value;
    }
    // A word that says itself whether it means anything: bits 15 and 14 are 0 and 1.
    unsigned valid(unsigned index) const {
        const unsigned word = (*this)[index];
        return (word & 0xc000) == 0x4000 ? word : 0;
    }
    bool whole() const {
        if ((bytes_[2 * k_integrity]) != k_integrity_mark)
            return true; // it carries no check sum
        std::uint8_t sum = 0;
        for (const std::uint8_t byte : bytes_)
            sum = static_cast<std::uint8_t>(sum + byte);
        return sum == 0;
    }

private:
    Bytes bytes_;
};

Result<void> read_sizes(const Words& words, Identity& out) {
    const unsigned sizes = words.valid(k_sector_sizes);
    if ((sizes & k_long_logical_sectors) != 0) {
        const std::uint64_t in_words = words.number(k_logical_sector_words, 2);
        if (in_words < 256 || in_words > block::k_greatest_sector_size / 2 ||
            (in_words & (in_words - 1)) != 0)
            return Errno::einval;
        out.sector_size = static_cast<std::uint32_t>(2 * in_words);
    }
    out.physical_sector_size = out.sector_size;
    if ((sizes & k_several_per_physical) != 0)
        out.physical_sector_size <<= sizes & 0xf;
    const bool wide = out.width == Width::bits_48;
    out.sectors = wide ? words.number(k_sectors_48, 4) : words.number(k_sectors_28, 2);
    if (out.sectors == 0 || out.sectors > 1ULL << (wide ? 48 : 28))
        return Errno::einval;
    return {};
}

std::uint8_t flush_opcode(const Words& words) {
    const unsigned features = words.valid(k_features_2);
    if ((features & k_has_flush_48) != 0)
        return k_flush_48;
    // Before ATA-6 nothing said that FLUSH CACHE exists, but that there is a cache.
    return (features & k_has_flush) != 0 || (words[k_features] & k_has_write_cache) != 0 ? k_flush
                                                                                         : 0;
}

} // namespace

bool Identity::same_disk(const Identity& other) const {
    return sectors == other.sectors && sector_size == other.sector_size &&
           __builtin_memcmp(serial, other.serial, sizeof serial) == 0;
}

Result<Identity> parse_identity(Bytes bytes) {
    if (bytes.size() < k_identity_size)
        return Errno::eio;
    const Words words(bytes.part(0, k_identity_size));
    if (!words.whole())
        return Errno::eio;
    if ((words[k_general] & k_not_ata) != 0)
        return Errno::enodev;
    if ((words[k_capabilities] & k_has_lba) == 0)
        return Errno::eopnotsupp;
    Identity out;
    out.dma = (words[k_capabilities] & k_has_dma) != 0;
    if ((words.valid(k_features_2) & k_has_48_bits) != 0)
        out.width = Width::bits_48;
    UNIK_TRY(read_sizes(words, out));
    out.flush_opcode = flush_opcode(words);
    __builtin_memcpy(out.serial, bytes.data() + 2 * k_serial, sizeof out.serial);
    return out;
}

Command identify_command() {
    return {.opcode = k_identify, .protocol = Protocol::pio_in, .block_bytes = k_identity_size};
}

Command flush_command(const Identity& identity) {
    return {.opcode = identity.flush_opcode,
            .width = identity.flush_opcode == k_flush_48 ? Width::bits_48 : Width::bits_28};
}

Command transfer_command(const Identity& identity, Mover mover, block::Direction direction,
                         std::uint64_t sector, std::uint16_t count) {
    struct Way {
        std::uint8_t opcode[2]; // by Width
        Protocol protocol;
    };
    static constexpr Way k_ways[2][2] = {
        {{{0x20, 0x24}, Protocol::pio_in}, {{0x30, 0x34}, Protocol::pio_out}},
        {{{0xc8, 0x25}, Protocol::dma_in}, {{0xca, 0x35}, Protocol::dma_out}},
    };
    const Way& way = k_ways[static_cast<unsigned>(mover)][static_cast<unsigned>(direction)];
    return {.opcode = way.opcode[static_cast<unsigned>(identity.width)],
            .protocol = way.protocol,
            .width = identity.width,
            .lba = sector,
            .count = count,
            .block_bytes = identity.sector_size};
}

const char* reason(Answer answer) {
    struct Meaning {
        std::uint8_t bit;
        const char* text;
    };
    static constexpr Meaning k_meanings[] = {
        {Answer::k_uncorrectable, "the medium cannot be read"},
        {Answer::k_not_found, "the device has no such sector"},
        {Answer::k_transfer_checksum, "the transfer was damaged on its way"},
        {Answer::k_aborted, "the device aborted the command"},
    };
    for (const Meaning& meaning : k_meanings)
        if ((answer.error & meaning.bit) != 0)
            return meaning.text;
    return "the device reports a fault";
}

} // namespace os::ata
