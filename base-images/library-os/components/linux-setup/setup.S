// Real-mode code that old-style loaders start (QEMU's -kernel on a PC, SYSLINUX, GRUB's linux16,
// iPXE): it collects the memory map into struct boot_params and enters the kernel by the 32-bit
// boot protocol. Entered at the page's segment + 0x20 : 0 with all data segments at the page and
// the stack above it; the page behind it is ours (boot.rst, "The Real-mode Kernel Header" and
// "Memory Layout").
#include "setup.inc"

#define CODE_32 0x10                /* the selectors that the 32-bit protocol asks for */
#define DATA_32 0x18

    .section .setup_code, "ax"
    .code16
    .globl setup_code, kernel_version
setup_code:
    cld
    pushw %ds
    pushw $1f
    lretw                           // from now on CS is the page, too
1:  pushw %ds
    popw %es
    movw $BOOT_PARAMS, %di
    movw $SETUP_PAGE / 4, %cx
    xorl %eax, %eax
    rep stosl
    movw $SETUP_HEADER, %si
    movw $BOOT_PARAMS + SETUP_HEADER, %di
    movw $SETUP_HEADER_SIZE, %cx
    rep movsb
    call collect_memory_map
    call open_a20
    cli
    movb $0x80, %al                 // no non-maskable interrupts while there is no table
    outb %al, $0x70
    xorl %ebx, %ebx
    movw %ds, %bx
    shll $4, %ebx
    addl %ebx, gdt_base
    addl %ebx, jump_offset
    leal BOOT_PARAMS(%ebx), %esi
    lgdtl gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    .byte 0x66, 0xea                // ljmpl
jump_offset:
    .long flat
    .word CODE_32

    .code32
flat:
    movl $DATA_32, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl %eax, %ss
    xorl %ebp, %ebp
    xorl %edi, %edi
    xorl %ebx, %ebx
    movl $LOAD_ADDRESS, %eax
    jmp *%eax

    .code16
// INT 15h, function E820h (ACPI 6.5, section 15.1): entries of 20 bytes.
collect_memory_map:
    xorl %ebx, %ebx
    movw $BOOT_PARAMS + E820_TABLE, %di
1:  movl $0xe820, %eax
    movl $0x534d4150, %edx          // "SMAP"
    movl $20, %ecx
    int $0x15
    jc 2f                           // past the last entry
    cmpl $0x534d4150, %eax
    jne 2f
    addw $20, %di
    incb BOOT_PARAMS + E820_ENTRIES
    cmpb $E820_LIMIT, BOOT_PARAMS + E820_ENTRIES
    jae 2f
    testl %ebx, %ebx
    jnz 1b
2:  cmpb $0, BOOT_PARAMS + E820_ENTRIES
    movw $text_memory_map, %si
    je fail
    ret

// Nearly every loader has opened the gate; otherwise the BIOS does, or port 92h.
open_a20:
    call a20_is_open
    jnz 1f
    movw $0x2401, %ax
    int $0x15
    call a20_is_open
    jnz 1f
    inb $0x92, %al
    orb $2, %al
    andb $0xfe, %al                 // bit 0 would reset the machine
    outb %al, $0x92
    call a20_is_open
    movw $text_a20, %si
    jz fail
1:  ret

// ZF clear when open: ffff:0510 is 0x500 while the gate is closed.
a20_is_open:
    pushw %fs
    pushw %gs
    xorw %ax, %ax
    movw %ax, %fs
    notw %ax
    movw %ax, %gs
    movl %fs:0x500, %edx
    movw $0x100, %cx
1:  incl %fs:0x500
    outb %al, $0x80                 // a short delay
    movl %fs:0x500, %eax
    cmpl %gs:0x510, %eax
    loope 1b
    movl %edx, %fs:0x500            // leaves the flags alone
    popw %gs
    popw %fs
    ret

// Prints the string at SI.
fail:
    lodsb
    testb %al, %al
    jz 1f
    movb $0x0e, %ah
    movw $7, %bx
    int $0x10
    jmp fail
1:  cli
    hlt
    jmp 1b

kernel_version:
    .asciz "unik"
text_memory_map:
    .asciz "unik: cannot boot: the BIOS gives no memory map (INT 15h, function E820h)\r\n"
text_a20:
    .asciz "unik: cannot boot: the A20 gate cannot be opened\r\n"

    .balign 8
descriptors:
    .quad 0
    .quad 0
    .quad 0x00cf9b000000ffff        // CODE_32: flat
    .quad 0x00cf93000000ffff        // DATA_32: flat
descriptors_end:
gdt_pointer:
    .word descriptors_end - descriptors - 1
gdt_base:
    .long descriptors
