#include "test_kernel.hpp"

#include <cstring>

#include <vocabulary/boot_record_layout.hpp>
#include <vocabulary/kernel_file_layout.hpp>

// Linked at 0x100000 by hand: each address is its distance from the start plus that. A letter on
// the serial port names the check that failed:
//   R CR0   C CR4   I interrupts on   T no task   M start info   E memory map   A no ACPI
//   D data   Z zeros
asm(R"(
    .pushsection .rodata.test_kernel, "a"
    .code32
    .globl unik_test_kernel, unik_test_kernel_end, unik_test_kernel_shape
unik_test_kernel:
    movl %cr0, %eax
    andl $0xffffffef, %eax
    movb $'R', %dl
    cmpl $1, %eax
    jne bad
    movl %cr4, %eax
    movb $'C', %dl
    testl %eax, %eax
    jnz bad
    pushfl
    popl %eax
    movb $'I', %dl
    testl $0x200, %eax
    jnz bad
    movb $'T', %dl
    str %ax
    testw %ax, %ax
    jz bad
    movb $'M', %dl
    cmpl $0x336ec578, (%ebx)
    jne bad
    cmpl $1, 4(%ebx)
    jne bad
    movb $'E', %dl
    cmpl $2, 48(%ebx)
    jb bad
    movl 40(%ebx), %esi
    cmpl $0, 8(%esi)
    je bad
    movb $'A', %dl
    movl 32(%ebx), %esi
    testl %esi, %esi
    jz bad
    cmpl $0x20445352, (%esi)
    jne bad
    movl $(unik_test_kernel_shape - unik_test_kernel + 0x100000), %ebp
    movl 0(%ebp), %esi
    movl 4(%ebp), %ecx
    xorl %eax, %eax
1:  movzbl (%esi), %edi
    roll $1, %eax
    addl %edi, %eax
    incl %esi
    decl %ecx
    jnz 1b
    movb $'D', %dl
    cmpl 12(%ebp), %eax
    jne bad
    movl 8(%ebp), %ecx
    movb $'Z', %dl
2:  cmpb $0, (%esi)
    jne bad
    incl %esi
    decl %ecx
    jnz 2b
    movl $(greeting - unik_test_kernel + 0x100000), %esi
    movw $0x3f8, %dx
3:  lodsb
    testb %al, %al
    jz 4f
    outb %al, %dx
    jmp 3b
4:  movb $16, %al
    outb %al, $0xf4
    hlt
bad:
    movb %dl, %al
    movw $0x3f8, %dx
    outb %al, %dx
    movb $1, %al
    outb %al, $0xf4
    hlt
greeting:
    .asciz "test kernel: all is well\n"
    .balign 4
unik_test_kernel_shape:
    .long 0, 0, 0, 0
unik_test_kernel_end:
    .code64
    .popsection
)");

extern "C" const std::uint8_t unik_test_kernel[];
extern "C" const std::uint8_t unik_test_kernel_shape[];
extern "C" const std::uint8_t unik_test_kernel_end[];

namespace unik::disk::test {
namespace {

using vocabulary::k_kernel_file_image;
using vocabulary::k_load_address;
using vocabulary::Le32;

constexpr std::uint32_t k_data_address = 0x200123;
constexpr std::uint64_t k_page = 4096;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
    return (value + step - 1) / step * step;
}

template <typename T>
void place(ByteVector& out, std::uint64_t offset, const T& value) {
    std::memcpy(out.data() + offset, &value, sizeof value);
}

// Where in the file the byte of a physical address is.
std::uint64_t offset_of(std::uint64_t address) {
    return address - k_load_address + k_kernel_file_image;
}

} // namespace

ByteVector make_test_kernel(const TestKernel& shape) {
    const std::uint64_t data_end = k_data_address + shape.data_size;
    ByteVector out(round_up(offset_of(data_end), vocabulary::k_sector_size));
    vocabulary::KernelFileHeader header{};
    header.magic = vocabulary::k_kernel_file_magic;
    header.load_address = k_load_address;
    header.image_offset = static_cast<std::uint32_t>(k_kernel_file_image);
    header.image_size = static_cast<std::uint32_t>(out.size() - k_kernel_file_image);
    header.memory_size =
        static_cast<std::uint32_t>(round_up(data_end + shape.zero_size, k_page) - k_load_address);
    header.pvh_entry = static_cast<std::uint32_t>(k_load_address);
    std::memcpy(header.name, "example", 7);
    place(out, 0, vocabulary::Be16(0x4d5a)); // "MZ"
    place(out, vocabulary::k_kernel_file_header_offset, header);
    std::memcpy(out.data() + offset_of(k_load_address), unik_test_kernel,
                static_cast<std::size_t>(unik_test_kernel_end - unik_test_kernel));
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < shape.data_size; ++i) {
        const auto byte = static_cast<std::uint8_t>(i * 2654435761U >> 24);
        out[offset_of(k_data_address) + i] = byte;
        sum = (sum << 1 | sum >> 31) + byte;
    }
    const Le32 record[4] = {k_data_address, shape.data_size, shape.zero_size, sum};
    place(out,
          offset_of(k_load_address) +
              static_cast<std::uint64_t>(unik_test_kernel_shape - unik_test_kernel),
          record);
    return out;
}

} // namespace unik::disk::test
