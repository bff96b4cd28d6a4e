// A loader that QEMU starts through PVH and that starts a kernel by the Linux 64-bit boot protocol,
// as a kexec would: image, boot_params and the number of page-table levels are chosen by those who
// assemble it (PLACE: where the image is, LEVELS: 4 or 5, IMAGE: the file, SKIP: its headers). It
// maps the first 512 GiB one to one.
    .code32
    .section .text
    .globl start
start:
    cli
    movl $level_4 + 3, level_5
    movl $level_3 + 3, level_4
    xorl %ecx, %ecx
1:  movl %ecx, %eax
    shll $30, %eax
    orl $0x83, %eax
    movl %eax, level_3(, %ecx, 8)
    movl %ecx, %eax
    shrl $2, %eax
    movl %eax, level_3 + 4(, %ecx, 8)
    incl %ecx
    cmpl $512, %ecx
    jb 1b
    movl %cr4, %eax
    orl $0x20, %eax                 // PAE
    .if LEVELS == 5
    orl $0x1000, %eax               // LA57
    movl $level_5, %ecx
    .else
    movl $level_4, %ecx
    .endif
    movl %eax, %cr4
    movl %ecx, %cr3
    movl $0xc0000080, %ecx          // EFER
    rdmsr
    orl $0x100, %eax                // LME
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax
    movl %eax, %cr0
    lgdt descriptors_pointer
    ljmpl $8, $long_mode
    .code64
long_mode:
    movl $boot_params, %esi
    movabsq $PLACE + 0x200, %rax
    jmp *%rax

    .section .note, "a", @note
    .long 4, 4, 18                  // XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .long start

    .section .data
    .balign 8
descriptors:
    .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
descriptors_pointer:
    .word . - descriptors - 1
    .long descriptors
command_line:
    .incbin "command-line"
    .byte 0
    .balign 4096
boot_params:
    .org boot_params + 0x1e8
    .byte 2                         // entries of the memory map
    .org boot_params + 0x228
    .long command_line
    .org boot_params + 0x2d0
    .quad 0, 0x9f000
    .long 1
    .quad 0x100000, MEMORY - 0x100000
    .long 1
    .org boot_params + 4096

    .section .bss
    .balign 4096
level_5: .skip 4096
level_4: .skip 4096
level_3: .skip 4096

    .section .image, "aw"
    .incbin IMAGE, SKIP
