// The CPU's own tables: descriptors, gates, and the registers that point to them.
#pragma once

#include <cstdint>

namespace os::arch {

// GDT, TSS, IDT, GS base, system call entry.
void load_tables();
// CR4, XCR0 and a clean FPU.
void enable_fpu();
// The kernel image's mapping with the rights of each section; takes the identity mapping away.
void protect_image();

} // namespace os::arch
