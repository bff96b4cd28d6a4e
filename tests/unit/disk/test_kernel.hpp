// A kernel file (vocabulary/kernel_file_layout.hpp) with a few hundred bytes of code that check the
// PVH entry state and the memory that it was loaded into, say so on the first serial port, and
// leave QEMU through isa-debug-exit.
#pragma once

#include <support/file.hpp>

namespace unik::disk::test {

inline constexpr std::string_view k_test_kernel_greeting = "test kernel: all is well";
inline constexpr int k_test_kernel_status = 33; // QEMU's exit status after writing 16

struct TestKernel {
    std::uint32_t data_size = 300'001; // more than one chunk of the boot record, and odd
    std::uint32_t zero_size = 70'003;
};

// Same shape, same bytes.
ByteVector make_test_kernel(const TestKernel& shape = {});

} // namespace unik::disk::test
