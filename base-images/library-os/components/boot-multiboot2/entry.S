// The Multiboot2 header and entry (Multiboot2 Specification 2.0, sections 3.1 and 3.3): 32-bit
// protected mode, flat segments, paging off, ebx: physical address of the information.
#include <arch/front_door.hpp>

#define HEADER_MAGIC 0xe85250d6
#define ARCHITECTURE_I386 0
#define TAG_END 0
#define TAG_ENTRY_ADDRESS 3

    // The linker script places it within the file's first 32 KiB.
    .section .boot.head.multiboot2, "ax"
    .balign 8
header:
    .long HEADER_MAGIC
    .long ARCHITECTURE_I386
    .long header_end - header
    .long -(HEADER_MAGIC + ARCHITECTURE_I386 + (header_end - header))
    // The ELF header's entry is that of 64-bit Linux loaders.
    .word TAG_ENTRY_ADDRESS, 0
    .long 12
    .long unik_multiboot2_entry - UNIK_KERNEL_IMAGE
    .balign 8
    .word TAG_END, 0
    .long 8
header_end:

    .code32
    .section .text.unik_multiboot2_entry, "ax"
    .globl unik_multiboot2_entry
unik_multiboot2_entry:
    cli
    cld
    movl %ebx, %edi
    rdtsc
    movl %eax, %ebp
    movl %edx, %ebx
    movl $(unik_multiboot2_front_door - UNIK_KERNEL_IMAGE), %esi
    addl $0x80000000, %esi          // the low half of the linked address
    jmp unik_enter_long_mode

    .section .note.GNU-stack, "", @progbits
