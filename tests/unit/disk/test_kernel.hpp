// A kernel of a few hundred bytes that checks the PVH entry state and the memory that it was
// loaded into, says so on the first serial port, and leaves QEMU through isa-debug-exit.
#pragma once

#include <support/file.hpp>

namespace unik::disk::test {

inline constexpr std::string_view k_test_kernel_greeting = "test kernel: all is well";
inline constexpr int k_test_kernel_status = 33; // QEMU's exit status after writing 16

struct TestKernel {
    std::uint32_t data_size = 300'001; // more than one chunk of the boot record, and odd
    std::uint32_t zero_size = 70'003;
    std::uint64_t data_file_offset = 0x2123; // within a sector
};

ByteVector make_test_kernel(const TestKernel& shape = {});

} // namespace unik::disk::test
