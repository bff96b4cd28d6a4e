// What needs all 32 bits of address: copying up, clearing, and the last step into the kernel.
#include <vocabulary/boot_record_layout.hpp>
#include "memory.inc"

#define CODE_32 0x08
#define DATA_32 0x10
#define CODE_16 0x18
#define DATA_16 0x20
#define TASK    0x28

    .section .stage_two, "ax"
    .code16
    .globl copy_up, zero_up, enter_kernel
    .globl copy_source, copy_destination, copy_count, zero_count

// Copies copy_count bytes from copy_source to copy_destination and moves the destination on.
copy_up:
    pushal
    movl $copy_32, %ebx
    call in_protected_mode
    popal
    ret

// Clears zero_count bytes from copy_destination on.
zero_up:
    pushal
    movl $zero_32, %ebx
    call in_protected_mode
    popal
    ret

// Runs the 32-bit routine at EBX, which ends by jumping to back_to_16, between two switches. The
// stack segment is not touched, nor is the stack used meanwhile.
in_protected_mode:
    cli
    lgdtl global_descriptors
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $CODE_32, $enter_32
    .code32
enter_32:
    movw $DATA_32, %ax
    movw %ax, %ds
    movw %ax, %es
    cld
    jmp *%ebx

copy_32:
    movl copy_source, %esi
    movl copy_destination, %edi
    movl copy_count, %ecx
    movl %ecx, %edx
    shrl $2, %ecx
    rep movsl
    movl %edx, %ecx
    andl $3, %ecx
    rep movsb
    movl %edi, copy_destination
    jmp back_to_16

zero_32:
    xorl %eax, %eax
    movl copy_destination, %edi
    movl zero_count, %ecx
    movl %ecx, %edx
    shrl $2, %ecx
    rep stosl
    movl %edx, %ecx
    andl $3, %ecx
    rep stosb

back_to_16:
    ljmpl $CODE_16, $leave_32
    .code16
leave_32:
    movw $DATA_16, %ax              // real mode keeps the limits loaded here: 64 KiB
    movw %ax, %ds
    movw %ax, %es
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmp $0, $real_mode
real_mode:
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    sti
    ret

// The PVH entry state (Xen's docs/misc/pvh.pandoc): 32-bit protected mode without paging, flat
// segments, a 32-bit TSS with base 0 and limit 0x67, interrupts off, CR4 clear, EBX the start info.
enter_kernel:
    cli
    lgdtl global_descriptors
    movl $1, %eax                   // PE alone
    movl %eax, %cr0
    ljmpl $CODE_32, $final_32
    .code32
final_32:
    movw $DATA_32, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    movl $0x7c00, %esp
    xorl %eax, %eax
    movl %eax, %cr4
    movw $TASK, %ax
    ltr %ax
    cld
    call find_rsdp                  // EAX: its address, or 0
    movl %eax, rsdp_address
    movl memory_map_count, %eax
    movl %eax, start_info_map_count
    movl $start_info, %esi
    movl $START_INFO, %edi
    movl $(start_info_end - start_info) / 4, %ecx
    rep movsl
    movl $0, COMMAND_LINE
    movl $START_INFO, %ebx
    jmp *load_kernel_entry

// ACPI 6.5, section 5.2.5.1: the first KiB of the extended BIOS data area, then 0xe0000 to
// 0xfffff, on 16-byte boundaries.
find_rsdp:
    movzwl 0x40e, %esi              // BIOS data area: segment of the extended one
    shll $4, %esi
    jz 1f
    leal 1024(%esi), %edx
    call scan_rsdp
    testl %eax, %eax
    jnz 2f
1:  movl $0xe0000, %esi
    movl $0x100000, %edx
    jmp scan_rsdp
2:  ret

// EAX: the first table with a right checksum between ESI and EDX, or 0.
scan_rsdp:
    cmpl $0x20445352, (%esi)        // "RSD "
    jne 2f
    cmpl $0x20525450, 4(%esi)       // "PTR "
    jne 2f
    xorl %ecx, %ecx
    xorl %eax, %eax
1:  addb (%esi, %ecx), %al
    incl %ecx
    cmpl $20, %ecx
    jb 1b
    testb %al, %al
    jz 3f
2:  addl $16, %esi
    cmpl %edx, %esi
    jb scan_rsdp
    xorl %eax, %eax
    ret
3:  movl %esi, %eax
    ret

    .balign 8
copy_source:      .long 0
copy_destination: .long 0
copy_count:       .long 0
zero_count:       .long 0

// struct hvm_start_info, version 1.
start_info:
    .long 0x336ec578                // magic
    .long 1                         // version
    .long 0                         // flags
    .long 0                         // modules
    .quad 0                         // their list
    .quad COMMAND_LINE
rsdp_address:
    .quad 0
    .quad MEMORY_MAP
start_info_map_count:
    .long 0
    .long 0
start_info_end:

    .balign 8
descriptors:
    .quad 0
    .quad 0x00cf9b000000ffff        // CODE_32: flat
    .quad 0x00cf93000000ffff        // DATA_32: flat
    .quad 0x00009b000000ffff        // CODE_16
    .quad 0x000093000000ffff        // DATA_16
    .quad 0x0000890000000067        // TASK: 32-bit TSS, base 0, limit 0x67
descriptors_end:
global_descriptors:
    .word descriptors_end - descriptors - 1
    .long descriptors
