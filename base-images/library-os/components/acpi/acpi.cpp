#include <acpi/acpi.hpp>

#include <arch/boot_info.hpp>
#include <arch/front_door.hpp>

#include "tables.hpp"

namespace os::acpi {
namespace {

constinit Facts g_facts;

const void* map(PhysAddr address, std::uint64_t size) {
    return arch::map_early(address, size);
}

} // namespace

Result<void> start() {
    PhysAddr root = arch::boot_info().acpi_root;
    if (root.value == 0)
        root = find_root(&map);
    if (root.value != 0)
        g_facts = read_tables(root, &map);
    if (g_facts.dsdt.value != 0)
        table_at(g_facts.dsdt, &map); // maps it, so that soft_off() needs no page tables later
    return {};
}

const Facts& facts() {
    return g_facts;
}

Result<SoftOff> soft_off() {
    if (g_facts.dsdt.value == 0)
        return Errno::enoent;
    return find_soft_off(table_at(g_facts.dsdt, &map));
}

} // namespace os::acpi
