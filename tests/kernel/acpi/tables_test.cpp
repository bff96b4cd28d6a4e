#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <acpi/tables.hpp>
#include <doctest/doctest.h>

namespace {

using os::Bytes;
using os::PhysAddr;
using os::acpi::Facts;
using os::acpi::find_root;
using os::acpi::find_soft_off;
using os::acpi::IrqOverride;
using os::acpi::read_tables;
using os::acpi::Register;

// Physical memory of a machine that a test builds; the mapper hands out copies of exact size, so
// that a read past what was asked for is an error.
std::vector<std::uint8_t> g_memory;
std::vector<std::vector<std::uint8_t>> g_mapped;

const void* map(PhysAddr address, std::uint64_t size) {
    if (address.value > g_memory.size() || size > g_memory.size() - address.value)
        return nullptr;
    const auto start = g_memory.begin() + static_cast<long>(address.value);
    g_mapped.emplace_back(start, start + static_cast<long>(size));
    return g_mapped.back().data();
}

void put(std::vector<std::uint8_t>& bytes, std::size_t offset, std::uint64_t value,
         std::size_t size) {
    if (bytes.size() < offset + size)
        bytes.resize(offset + size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::vector<std::uint8_t> table(const std::string& signature, std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    std::memcpy(bytes.data(), signature.data(), 4);
    put(bytes, 4, size, 4);
    return bytes;
}

void place(PhysAddr address, const std::vector<std::uint8_t>& bytes) {
    std::copy(bytes.begin(), bytes.end(), g_memory.begin() + static_cast<long>(address.value));
}

void place_root(PhysAddr address, std::uint32_t list) {
    std::vector<std::uint8_t> root(36);
    std::memcpy(root.data(), "RSD PTR ", 8);
    put(root, 16, list, 4);
    std::uint8_t sum = 0;
    for (std::size_t i = 0; i < 20; ++i)
        sum = static_cast<std::uint8_t>(sum + root[i]);
    root[8] = static_cast<std::uint8_t>(-sum);
    place(address, root);
}

constexpr PhysAddr k_root{0x1000};
constexpr PhysAddr k_list{0x2000};
constexpr PhysAddr k_madt{0x3000};
constexpr PhysAddr k_fadt{0x4000};

std::vector<std::uint8_t> sample_madt() {
    std::vector<std::uint8_t> madt = table("APIC", 44);
    const std::vector<std::uint8_t> entries = {
        0, 8,  0, 0, 1,  0, 0,    0,                   // a local APIC
        1, 12, 0, 0, 0,  0, 0xc0, 0xfe, 0,    0, 0, 0, // an I/O APIC
        2, 10, 0, 9, 20, 0, 0,    0,    0x0f, 0,       // IRQ 9: input 20, low, level
        2, 10, 0, 0, 2,  0, 0,    0,    0,    0,       // IRQ 0: input 2
    };
    madt.insert(madt.end(), entries.begin(), entries.end());
    put(madt, 4, madt.size(), 4);
    return madt;
}

void build_machine() {
    g_mapped.clear();
    g_memory.assign(0x100000, 0);
    place_root(k_root, static_cast<std::uint32_t>(k_list.value));
    std::vector<std::uint8_t> list = table("RSDT", 44);
    put(list, 36, k_madt.value, 4);
    put(list, 40, k_fadt.value, 4);
    place(k_list, list);
    place(k_madt, sample_madt());
    std::vector<std::uint8_t> fadt = table("FACP", 116);
    put(fadt, 40, 0x5000, 4);
    put(fadt, 46, 9, 2);
    put(fadt, 56, 0x600, 4);
    put(fadt, 64, 0x604, 4);
    put(fadt, 88, 4, 1);
    place(k_fadt, fadt);
}

} // namespace

TEST_CASE("interrupt controllers, overrides and fixed hardware are found") {
    build_machine();
    const Facts facts = read_tables(k_root, &map);
    REQUIRE(facts.io_apic_count == 1);
    CHECK(facts.io_apics[0].address == 0xfec00000);
    const IrqOverride* moved = facts.override_of(9);
    REQUIRE(moved != nullptr);
    CHECK(moved->gsi == 20);
    CHECK(moved->level);
    CHECK(moved->active_low);
    REQUIRE(facts.override_of(0) != nullptr);
    CHECK_FALSE(facts.override_of(0)->level);
    CHECK(facts.override_of(4) == nullptr);
    CHECK(facts.control_block_a == 0x604);
    CHECK(facts.system_irq == 9);
    CHECK(facts.dsdt == PhysAddr{0x5000});
    CHECK(facts.reset.space == Register::Space::none);
}

TEST_CASE("the root is found in the BIOS's memory by signature and checksum") {
    build_machine();
    CHECK(find_root(&map).value == 0);
    place_root(PhysAddr{0xf59e0}, 0x2000);
    CHECK(find_root(&map).value == 0xf59e0);
    g_memory[0xf59e9] ^= 1;
    CHECK(find_root(&map).value == 0);
}

TEST_CASE("tables cut off anywhere are read as far as they go") {
    build_machine();
    const std::vector<std::uint8_t> whole = g_memory;
    for (const PhysAddr address : {k_list, k_madt, k_fadt}) {
        for (std::uint32_t length = 0; length < 120; ++length) {
            g_memory = whole;
            g_mapped.clear();
            put(g_memory, address.value + 4, length, 4);
            const Facts facts = read_tables(k_root, &map);
            CHECK(facts.io_apic_count <= 1);
        }
    }
}

TEST_CASE("hostile tables neither hang nor leave their bounds") {
    build_machine();
    const std::vector<std::uint8_t> whole = g_memory;
    std::mt19937 random(4);
    for (unsigned round = 0; round < 3000; ++round) {
        g_memory = whole;
        g_mapped.clear();
        for (unsigned i = 0; i < 8; ++i) {
            const std::uint64_t base = (0x2000 + 0x1000 * (random() % 3));
            g_memory[base + random() % 128] = static_cast<std::uint8_t>(random());
        }
        const Facts facts = read_tables(k_root, &map);
        CHECK(facts.io_apic_count <= Facts::k_most_io_apics);
        CHECK(facts.override_count <= Facts::k_most_overrides);
    }
}

TEST_CASE("more controllers and overrides than there is room for are left out") {
    build_machine();
    std::vector<std::uint8_t> madt = table("APIC", 44);
    for (unsigned i = 0; i < 60; ++i) {
        const std::vector<std::uint8_t> io_apic = {1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0};
        const std::vector<std::uint8_t> moved = {2, 10, 0, 3, 3, 0, 0, 0, 0, 0};
        madt.insert(madt.end(), io_apic.begin(), io_apic.end());
        madt.insert(madt.end(), moved.begin(), moved.end());
    }
    put(madt, 4, madt.size(), 4);
    place(k_madt, madt);
    const Facts facts = read_tables(k_root, &map);
    CHECK(facts.io_apic_count == Facts::k_most_io_apics);
    CHECK(facts.override_count == Facts::k_most_overrides);
}

TEST_CASE("the soft-off package is read from the definition block") {
    std::vector<std::uint8_t> block = table("DSDT", 36);
    const auto with = [&](std::vector<std::uint8_t> aml) {
        std::vector<std::uint8_t> bytes = block;
        bytes.insert(bytes.end(), aml.begin(), aml.end());
        return find_soft_off(Bytes(bytes.data(), bytes.size()));
    };
    const auto found = with({8, '_', 'S', '5', '_', 0x12, 6, 4, 0x0a, 5, 1, 0, 0});
    REQUIRE(found.ok());
    CHECK(found->type_a == 5);
    CHECK(found->type_b == 1);
    CHECK(with({'_', 'S', '5', '_', 0x12, 0x46, 0, 4, 0, 0, 0, 0}).ok());
    CHECK_FALSE(with({8, '_', 'S', '5', '_', 0x12, 6, 4, 0x0a}).ok());
    CHECK_FALSE(with({8, '_', 'S', '5', '_', 0x11, 6, 4, 0, 0}).ok());
    CHECK_FALSE(with({8, '_', 'S', '4', '_', 0x12, 6, 4, 0, 0}).ok());
    CHECK_FALSE(with({'_', 'S', '5', '_'}).ok());
    CHECK_FALSE(find_soft_off(Bytes()).ok());
}
