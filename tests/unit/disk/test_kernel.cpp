#include "test_kernel.hpp"

#include <cstring>

#include <vocabulary/endian.hpp>

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

using vocabulary::Le16;
using vocabulary::Le32;
using vocabulary::Le64;

struct ElfHeader {
    std::uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    Le16 type = 2;
    Le16 machine = 62;
    Le32 version = 1;
    Le64 entry = 0x100000;
    Le64 program_headers = 64;
    Le64 section_headers;
    Le32 flags;
    Le16 header_size = 64;
    Le16 program_header_size = 56;
    Le16 program_header_count = 3;
    Le16 section_header_size = 64;
    Le16 section_header_count;
    Le16 section_names;
};
static_assert(sizeof(ElfHeader) == 64);

struct ProgramHeader {
    Le32 type;
    Le32 flags;
    Le64 offset;
    Le64 address;
    Le64 physical;
    Le64 file_size;
    Le64 memory_size;
    Le64 alignment;
};
static_assert(sizeof(ProgramHeader) == 56);

struct Note {
    Le32 name_size = 4;
    Le32 content_size = 4;
    Le32 type = 18;
    char name[4] = {'X', 'e', 'n', 0};
    Le32 entry = 0x100000;
};

constexpr std::uint64_t k_code_offset = 0x1000;
constexpr std::uint64_t k_note_offset = 0x200;
constexpr std::uint32_t k_data_address = 0x200123;

template <typename T>
void place(ByteVector& out, std::uint64_t offset, const T& value) {
    std::memcpy(out.data() + offset, &value, sizeof value);
}

ProgramHeader segment(std::uint32_t type, std::uint64_t offset, std::uint64_t address,
                      std::uint64_t file_size, std::uint64_t memory_size) {
    return {type, 7, offset, address, address, file_size, memory_size, 1};
}

} // namespace

ByteVector make_test_kernel(const TestKernel& shape) {
    ByteVector out(shape.data_file_offset + shape.data_size);
    const auto code_size = static_cast<std::uint64_t>(unik_test_kernel_end - unik_test_kernel);
    place(out, 0, ElfHeader{});
    place(out, 64, segment(1, k_code_offset, 0x100000, code_size, code_size));
    place(out, 120,
          segment(1, shape.data_file_offset, k_data_address, shape.data_size,
                  shape.data_size + shape.zero_size));
    place(out, 176, segment(4, k_note_offset, 0, sizeof(Note), sizeof(Note)));
    place(out, k_note_offset, Note{});
    std::memcpy(out.data() + k_code_offset, unik_test_kernel, code_size);
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < shape.data_size; ++i) {
        const auto byte = static_cast<std::uint8_t>(i * 2654435761U >> 24);
        out[shape.data_file_offset + i] = byte;
        sum = (sum << 1 | sum >> 31) + byte;
    }
    const Le32 record[4] = {k_data_address, shape.data_size, shape.zero_size, sum};
    place(out,
          k_code_offset + static_cast<std::uint64_t>(unik_test_kernel_shape - unik_test_kernel),
          record);
    return out;
}

} // namespace unik::disk::test
