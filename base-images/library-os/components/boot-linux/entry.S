// The two entries of the Linux/x86 boot protocol (Linux's Documentation/arch/x86/boot.rst, "32-bit
// Boot Protocol" and "64-bit Boot Protocol"), esi or rsi: physical address of boot_params. The
// first is at the image's start, the second 0x200 bytes behind it. The image may lie anywhere for
// the second: kexec moves it whatever the setup header says. Behind it there is room for the pages
// that this takes. Whoever loads a file of this kind leaves it to the kernel to clear the memory
// behind the file's bytes.
#include <arch/front_door.hpp>

#define PAGE_SIZE 4096

    .section .boot.head.0_linux, "ax"
    .code32
    .globl unik_linux_entry32, unik_linux_entry64
unik_linux_entry32:
    cli
    cld
    movl $(unik_zeros_start - UNIK_KERNEL_IMAGE), %edi
    movl $(unik_kernel_end - UNIK_KERNEL_IMAGE), %ecx
    subl %edi, %ecx
    xorl %eax, %eax
    rep stosb
    movl %esi, %edi
    rdtsc
    movl %eax, %ebp
    movl %edx, %ebx
    movl $(unik_linux_front_door - UNIK_KERNEL_IMAGE), %esi
    addl $0x80000000, %esi          // the low half of the linked address
    jmp unik_enter_long_mode

    .org 0x200
    .code64
unik_linux_entry64:
    cli
    cld
    leaq unik_boot_stack_top(%rip), %rsp
    leaq unik_zeros_start(%rip), %rdi
    leaq unik_kernel_end(%rip), %rcx
    subq %rdi, %rcx
    xorl %eax, %eax
    rep stosb
    movq %rsi, %rdi
    rdtsc
    shlq $32, %rdx
    orq %rax, %rdx
    movq $unik_linux_front_door, %rsi
    leaq unik_kernel_start(%rip), %rax
    leaq unik_kernel_end + PAGE_SIZE - 1(%rip), %rcx
    andq $-PAGE_SIZE, %rcx          // spare pages: where they start,
    movq %rcx, %r8
    subq %rax, %r8
    shrq $21, %r8
    addq $12, %r8                   // and how many, as spare_pages_for() says
    jmp unik_enter_image

    .section .note.GNU-stack, "", @progbits
