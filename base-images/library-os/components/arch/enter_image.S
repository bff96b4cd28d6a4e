// From the firmware's long mode to C++ in the top half (arch/front_door.hpp), at the image's
// physical place until the jump.
#include "control_registers.inc"

#define CODE_SELECTOR 0x08

    .section .text.unik_enter_image, "ax"
    .globl unik_enter_image
unik_enter_image:
    movq %rdi, %r12                 // loader data
    movq %rsi, %r13                 // front door
    movq %rdx, %r14                 // time-stamp counter
    andq $-16, %rsp
    movq %rcx, %rdi                 // spare pages
    movq %r8, %rsi
    movq %cr4, %rdx
    call unik_place_image
    movq %rax, %rbx
    movl $EFER, %ecx                // the tables have the no-execute bit
    rdmsr
    orl $EFER_SCE_LME_NXE, %eax
    wrmsr
    movq %rbx, %cr3
    movq %cr4, %rax
    andl $CR4_LA57, %eax            // cannot change in long mode
    orl $CR4_PAE_FXSR_XMM, %eax
    movq %rax, %cr4
    movl $CR0_PG_WP_NE_ET_MP_PE, %eax
    movq %rax, %cr0
    movq $top_half, %rax
    jmpq *%rax
top_half:
    movq $unik_boot_stack_top, %rsp
    lgdt boot_gdt_pointer
    pushq $CODE_SELECTOR
    pushq $1f
    lretq
1:  movq %r12, %rdi
    movq %r13, %rsi
    movq %r14, %rdx
    jmp unik_enter_cpp

    .section .rodata.unik_boot_gdt_pointer, "a"
boot_gdt_pointer:
    .word 3 * 8 - 1
    .quad unik_boot_gdt

    .section .note.GNU-stack, "", @progbits
