// RSDP, XSDT/RSDT, MADT and FADT (ACPI 6.5, 5.2), and one name of the DSDT.
#include "tables.hpp"

#include <vocabulary/byte_reader.hpp>
#include <vocabulary/endian.hpp>

namespace os::acpi {
namespace {

using vocabulary::ByteReader;
using vocabulary::Le16;
using vocabulary::Le32;
using vocabulary::Le64;

constexpr std::uint32_t k_largest_table = 4U << 20;
constexpr std::size_t k_most_tables = 256;

struct Root {
    char signature[8];
    std::uint8_t checksum;
    char oem[6];
    std::uint8_t revision;
    Le32 rsdt;
};
static_assert(sizeof(Root) == 20);

struct ExtendedRoot {
    Root root;
    Le32 length;
    Le64 xsdt;
    std::uint8_t extended_checksum;
    std::uint8_t reserved[3];
};
static_assert(sizeof(ExtendedRoot) == 36);

struct Header {
    char signature[4];
    Le32 length;
    std::uint8_t revision;
    std::uint8_t checksum;
    char oem[6];
    char oem_table[8];
    Le32 oem_revision;
    Le32 creator;
    Le32 creator_revision;
};
static_assert(sizeof(Header) == 36);

bool is_table(Bytes table, StringView signature) {
    return table.size() >= sizeof(Header) &&
           StringView(reinterpret_cast<const char*>(table.data()), 4) == signature;
}

bool sums_to_zero(Bytes bytes) {
    std::uint8_t sum = 0;
    for (const std::uint8_t byte : bytes)
        sum = static_cast<std::uint8_t>(sum + byte);
    return sum == 0;
}

bool is_root(const void* place) {
    const Bytes bytes(static_cast<const std::uint8_t*>(place), sizeof(Root));
    return StringView(static_cast<const char*>(place), 8) == "RSD PTR " && sums_to_zero(bytes);
}

PhysAddr find_root_in(PhysAddr start, std::uint64_t size, Mapper map) {
    const auto* bytes = static_cast<const std::uint8_t*>(map(start, size));
    for (std::uint64_t offset = 0; bytes != nullptr && offset + sizeof(ExtendedRoot) <= size;
         offset += 16)
        if (bytes[offset] == 'R' && is_root(bytes + offset)) // most places fail at the first byte
            return start + offset;
    return {};
}

// Reads a T at an offset; zeroes when the table is too short for it, as older revisions are.
template <typename T>
T field(Bytes table, std::size_t offset) {
    T value{};
    ByteReader reader(table.data(), table.size());
    if (reader.seek(offset))
        static_cast<void>(reader.read(value));
    return value;
}

void read_io_apic(ByteReader& entry, Facts& facts) {
    struct {
        std::uint8_t id;
        std::uint8_t reserved;
        Le32 address;
        Le32 first_gsi;
    } record;
    if (entry.read(record) && facts.io_apic_count < Facts::k_most_io_apics)
        facts.io_apics[facts.io_apic_count++] = {record.address, record.first_gsi};
}

void read_override(ByteReader& entry, Facts& facts) {
    struct {
        std::uint8_t bus;
        std::uint8_t irq;
        Le32 gsi;
        Le16 flags;
    } record;
    if (!entry.read(record) || facts.override_count == Facts::k_most_overrides)
        return;
    constexpr unsigned active_low = 3; // of bits 0-1; 0 means as the bus: active high
    constexpr unsigned level = 3;      // of bits 2-3; 0 means as the bus: edge
    facts.overrides[facts.override_count++] = {.irq = record.irq,
                                               .level = ((record.flags >> 2) & 3) == level,
                                               .active_low = (record.flags & 3) == active_low,
                                               .gsi = record.gsi};
}

void read_madt(Bytes table, Facts& facts) {
    constexpr std::size_t first_entry = sizeof(Header) + 8;
    constexpr std::uint8_t type_io_apic = 1;
    constexpr std::uint8_t type_override = 2;
    ByteReader reader(table.data(), table.size());
    if (!reader.seek(first_entry))
        return;
    struct {
        std::uint8_t type;
        std::uint8_t length;
    } prefix;
    while (reader.read(prefix)) {
        if (prefix.length < sizeof(prefix))
            return;
        const std::size_t size = prefix.length - sizeof(prefix);
        const std::uint8_t* bytes = reader.take(size);
        if (bytes == nullptr)
            return;
        ByteReader entry(bytes, size);
        if (prefix.type == type_io_apic)
            read_io_apic(entry, facts);
        else if (prefix.type == type_override)
            read_override(entry, facts);
    }
}

Register read_register(Bytes table, std::size_t offset) {
    const auto space = field<std::uint8_t>(table, offset);
    const std::uint64_t address = field<Le64>(table, offset + 4);
    if (address == 0 || space > 1)
        return {};
    return {.space = space == 0 ? Register::Space::memory : Register::Space::port,
            .address = address};
}

void read_fadt(Bytes table, Facts& facts) {
    constexpr std::uint32_t flag_reset = 1U << 10;
    constexpr std::uint32_t flag_hardware_reduced = 1U << 20;
    facts.has_fixed_hardware = true;
    facts.system_irq = field<Le16>(table, 46);
    facts.smi_command = field<Le32>(table, 48);
    facts.acpi_enable = field<std::uint8_t>(table, 52);
    const std::uint32_t flags = field<Le32>(table, 112);
    if ((flags & flag_hardware_reduced) != 0) {
        facts.sleep_control = read_register(table, 244);
    } else {
        facts.event_block = field<Le32>(table, 56);
        facts.control_block_a = field<Le32>(table, 64);
        facts.control_block_b = field<Le32>(table, 68);
        facts.event_length = field<std::uint8_t>(table, 88);
    }
    if ((flags & flag_reset) != 0) {
        facts.reset = read_register(table, 116);
        facts.reset_value = field<std::uint8_t>(table, 128);
    }
    const std::uint64_t extended = field<Le64>(table, 140);
    facts.dsdt = PhysAddr{extended != 0 ? extended : std::uint64_t{field<Le32>(table, 40)}};
}

void read_table(Bytes table, Facts& facts) {
    if (is_table(table, "APIC"))
        read_madt(table, facts);
    else if (is_table(table, "FACP"))
        read_fadt(table, facts);
}

// A constant in a package: its value, or failure for anything else.
bool read_constant(ByteReader& aml, std::uint8_t& out) {
    constexpr std::uint8_t zero_op = 0x00;
    constexpr std::uint8_t one_op = 0x01;
    constexpr std::uint8_t byte_prefix = 0x0a;
    std::uint8_t opcode = 0;
    if (!aml.read(opcode))
        return false;
    if (opcode == byte_prefix)
        return aml.read(out);
    out = opcode;
    return opcode == zero_op || opcode == one_op;
}

} // namespace

const IrqOverride* Facts::override_of(std::uint8_t irq) const {
    for (unsigned i = 0; i < override_count; ++i)
        if (overrides[i].irq == irq)
            return &overrides[i];
    return nullptr;
}

Bytes table_at(PhysAddr address, Mapper map) {
    const void* header = map(address, sizeof(Header));
    if (header == nullptr)
        return {};
    const std::uint32_t length = static_cast<const Header*>(header)->length;
    if (length < sizeof(Header) || length > k_largest_table)
        return {};
    const void* table = map(address, length);
    return table == nullptr ? Bytes() : Bytes(static_cast<const std::uint8_t*>(table), length);
}

Facts read_tables(PhysAddr root, Mapper map) {
    Facts facts;
    const auto* pointer = static_cast<const ExtendedRoot*>(map(root, sizeof(ExtendedRoot)));
    if (pointer == nullptr || !is_root(pointer))
        return facts;
    const bool extended = pointer->root.revision >= 2 && pointer->xsdt != 0;
    const PhysAddr list_address{extended ? std::uint64_t{pointer->xsdt}
                                         : std::uint64_t{pointer->root.rsdt}};
    const Bytes list = table_at(list_address, map);
    if (!is_table(list, extended ? "XSDT" : "RSDT"))
        return facts;
    const std::size_t entry_size = extended ? 8 : 4;
    const std::size_t listed = (list.size() - sizeof(Header)) / entry_size;
    for (std::size_t i = 0; i < listed && i < k_most_tables; ++i) {
        const std::size_t offset = sizeof(Header) + i * entry_size;
        const std::uint64_t address = extended ? std::uint64_t{field<Le64>(list, offset)}
                                               : std::uint64_t{field<Le32>(list, offset)};
        read_table(table_at(PhysAddr{address}, map), facts);
    }
    return facts;
}

PhysAddr find_root(Mapper map) {
    // The first KiB of the extended BIOS data area, then the BIOS's read-only memory (5.2.5.1).
    constexpr PhysAddr ebda_segment{0x40e};
    constexpr PhysAddr bios{0xe0000};
    constexpr std::uint64_t bios_size = 0x20000;
    const auto* segment = static_cast<const Le16*>(map(ebda_segment, sizeof(Le16)));
    const std::uint64_t ebda = segment == nullptr ? 0 : std::uint64_t{*segment} << 4;
    if (ebda != 0) {
        const PhysAddr found = find_root_in(PhysAddr{ebda}, 1024, map);
        if (found.value != 0)
            return found;
    }
    return find_root_in(bios, bios_size, map);
}

Result<SoftOff> find_soft_off(Bytes block) {
    // NameOp? "_S5_" PackageOp PkgLength NumElements element element … (20.2.5).
    constexpr std::uint8_t package_op = 0x12;
    const StringView name = "_S5_";
    for (std::size_t at = sizeof(Header); at + name.size() < block.size(); ++at) {
        if (block[at] != '_' ||
            !(StringView(reinterpret_cast<const char*>(block.data()) + at, name.size()) == name))
            continue;
        ByteReader aml(block.data(), block.size());
        std::uint8_t opcode = 0;
        std::uint8_t package_length = 0;
        SoftOff values;
        if (!aml.seek(at + name.size()) || !aml.read(opcode) || opcode != package_op ||
            !aml.read(package_length))
            continue;
        const std::size_t more_length_bytes = package_length >> 6;
        constexpr std::size_t element_count = 1;
        if (aml.skip(more_length_bytes + element_count) && read_constant(aml, values.type_a) &&
            read_constant(aml, values.type_b))
            return values;
    }
    return Errno::enoent;
}

} // namespace os::acpi
