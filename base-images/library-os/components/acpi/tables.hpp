// Reading the tables. They come from outside: every length is checked against what was mapped.
#pragma once

#include <acpi/acpi.hpp>

namespace os::acpi {

// Physical memory as bytes, or null; how the kernel (or a test) reaches it.
using Mapper = const void* (*)(PhysAddr address, std::uint64_t size);

// The tables that the root structure at this address leads to.
Facts read_tables(PhysAddr root, Mapper map);
// Looks for the root structure where a PC BIOS leaves it.
PhysAddr find_root(Mapper map);
// \_S5 in a definition block.
Result<SoftOff> find_soft_off(Bytes definition_block);
// A whole table at this address, header included; empty when it is not one.
Bytes table_at(PhysAddr address, Mapper map);

} // namespace os::acpi
