// From 32-bit protected mode to C++ in the top half. The state at the start and the registers that
// carry the loader's word are described in arch/front_door.hpp.
//
// Four page tables, zero in the loaded image, map the first 1 GiB three times with 2 MiB pages: at
// 0 (only until the jump to the top half is made), at k_physical_map (not executable) and at
// k_kernel_image. Paging.cpp then narrows the last of them to what each section needs.
#include <arch/front_door.hpp>

#include "control_registers.inc"

#define PHYSICAL(symbol) (symbol - UNIK_KERNEL_IMAGE)
#define PAGE_PRESENT_WRITE 0x3
#define PAGE_LARGE 0x83
#define NO_EXECUTE_HIGH 0x80000000
#define MEMORY_MARK 0x4b494e55          /* "UNIK" */
#define SERIAL_PORT 0x3f8
#define DEBUG_EXIT_PORT 0xf4

    .code32
    .section .text.unik_enter_long_mode, "ax"
    .globl unik_enter_long_mode
unik_enter_long_mode:
    // Writes beyond the machine's memory get lost, and so would the page tables.
    movl $MEMORY_MARK, PHYSICAL(unik_kernel_end) - 4
    cmpl $MEMORY_MARK, PHYSICAL(unik_kernel_end) - 4
    jne too_little_memory
    movl $0, PHYSICAL(unik_kernel_end) - 4
    movl $PHYSICAL(unik_boot_pd), %ecx
    movl $PAGE_LARGE, %eax
1:  movl %eax, (%ecx)
    addl $0x200000, %eax
    addl $8, %ecx
    cmpl $0x40000000, %eax
    jb 1b
    movl $PHYSICAL(unik_boot_pd) + PAGE_PRESENT_WRITE, %eax
    movl %eax, PHYSICAL(unik_boot_pdpt)
    movl %eax, PHYSICAL(unik_image_pdpt) + 510 * 8
    movl $PHYSICAL(unik_boot_pdpt) + PAGE_PRESENT_WRITE, %eax
    movl %eax, PHYSICAL(unik_boot_pml4)
    movl %eax, PHYSICAL(unik_boot_pml4) + 256 * 8
    movl $NO_EXECUTE_HIGH, PHYSICAL(unik_boot_pml4) + 256 * 8 + 4
    movl $PHYSICAL(unik_image_pdpt) + PAGE_PRESENT_WRITE, PHYSICAL(unik_boot_pml4) + 511 * 8

    movl $CR4_PAE_FXSR_XMM, %eax
    movl %eax, %cr4
    movl $PHYSICAL(unik_boot_pml4), %eax
    movl %eax, %cr3
    movl %ebx, %esp                 // rdmsr and wrmsr take edx; esp is free
    movl $EFER, %ecx
    rdmsr
    orl $EFER_SCE_LME_NXE, %eax
    wrmsr
    movl $CR0_PG_WP_NE_ET_MP_PE, %eax
    movl %eax, %cr0
    lgdt PHYSICAL(gdt_pointer_low)
    ljmpl $0x08, $PHYSICAL(low_64)

// Says so on the first serial port, and ends the machine where QEMU has its exit device.
too_little_memory:
    movl $PHYSICAL(text_too_little), %esi
    movl $SERIAL_PORT, %edx
1:  lodsb
    testb %al, %al
    jz 2f
    outb %al, %dx
    jmp 1b
2:  movb $1, %al
    outb %al, $DEBUG_EXIT_PORT
3:  cli
    hlt
    jmp 3b

    .code64
low_64:
    movq $high_64, %rax
    jmpq *%rax
high_64:
    movl %esp, %edx
    shlq $32, %rdx
    orq %rbp, %rdx                  // writing ebp has zeroed its upper half
    movslq %esi, %rsi
    movl %edi, %edi
    movq $unik_boot_stack_top, %rsp
    .globl unik_enter_cpp
unik_enter_cpp:                     // with the three arguments, on the kernel's stack
    movl $0x10, %eax
    movl %eax, %ss
    movl %eax, %ds
    movl %eax, %es
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    xorl %ebp, %ebp                 // ends every backtrace
    call unik_arch_enter
    ud2

    .section .rodata.unik_boot_text, "a"
text_too_little:
    .asciz "unik: the machine has less memory than its image takes; give it more\r\n"

    .section .rodata.unik_boot_gdt, "a"
    .balign 8
    .globl unik_boot_gdt
unik_boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff        // 64-bit code
    .quad 0x00cf93000000ffff        // data
gdt_pointer_low:
    .word . - unik_boot_gdt - 1
    .long PHYSICAL(unik_boot_gdt)

    .section .bss.unik_boot, "aw", @nobits
    .balign 4096
    .globl unik_boot_pml4, unik_boot_pdpt, unik_boot_pd, unik_image_pdpt
unik_boot_pml4:  .skip 4096
unik_boot_pdpt:  .skip 4096
unik_boot_pd:    .skip 4096
unik_image_pdpt: .skip 4096
    // The page below the stack is taken out of the kernel's mapping.
    .globl unik_boot_stack_guard, unik_boot_stack_top
unik_boot_stack_guard: .skip 4096
    .skip 16384
unik_boot_stack_top:

    .section .note.GNU-stack, "", @progbits
