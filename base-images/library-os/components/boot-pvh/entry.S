// The PVH entry point (Xen, docs/misc/pvh.pandoc): 32-bit protected mode, flat segments, paging
// off, ebx: physical address of the start info. The note tells loaders where it is.
#include <arch/front_door.hpp>

    .code32
    .section .text.unik_entry32, "ax"
    .globl unik_entry32
unik_entry32:
    cli
    cld
    movl %ebx, %edi
    rdtsc
    movl %eax, %ebp
    movl %edx, %ebx
    movl $(unik_pvh_front_door - UNIK_KERNEL_IMAGE), %esi
    addl $0x80000000, %esi          // the low half of the linked address
    jmp unik_enter_long_mode

#define XEN_ELFNOTE_PHYS32_ENTRY 18
    .section .note.Xen, "a", @note
    .balign 4
    .long 2f - 1f
    .long 4f - 3f
    .long XEN_ELFNOTE_PHYS32_ENTRY
1:  .asciz "Xen"
2:  .balign 4
3:  .quad unik_entry32 - UNIK_KERNEL_IMAGE
4:  .balign 4

    .section .note.GNU-stack, "", @progbits
