// Second stage, in real mode: checks the CPU, says what starts, opens the A20 gate, collects the
// memory map, loads the kernel (disk.S) and hands over to enter_kernel. Entered by the MBR with the
// drive in DL, all data segments 0, the stack below 0x7c00.
//
// Memory below 1 MiB while it runs:
//     0x01000  hvm_start_info, 0x01040 an empty command line, 0x01080 memory map (see memory.inc)
//     0x07c00  MBR, second stage, load table
//     0x10000  one chunk of what is read from the disk
#include <vocabulary/boot_record_layout.hpp>
#include "memory.inc"

    .section .stage_two.head, "ax"
    .code16
    .globl stage_two_head, stage_two
stage_two_head:
    .long UNIK_STAGE_TWO_MAGIC
stage_two:
    movb %dl, drive
    call start_serial
    call check_cpu
    call measure_sectors
    movw $text_starting, %si
    call print_on_screen
    movw $load_table_name, %si
    call print_on_screen
    movw $text_console, %si
    call print_on_screen
    call open_a20
    call collect_memory_map
    call check_memory
    call load_kernel
    jmp enter_kernel

    .section .stage_two, "ax"
    .code16

// CPUID is there when bit 21 of the flags can be changed; long mode is bit 29 of what function
// 80000001h gives in EDX (AMD64 Architecture Programmer's Manual, volume 3, appendix E).
check_cpu:
    pushfl
    popl %eax
    movl %eax, %ecx
    xorl $0x200000, %eax
    pushl %eax
    popfl
    pushfl
    popl %eax
    xorl %ecx, %eax
    movw $text_cpu, %si
    jz fail
    movl $0x80000000, %eax
    cpuid
    movw $text_cpu, %si
    cmpl $0x80000001, %eax
    jb fail
    movl $0x80000001, %eax
    cpuid
    movw $text_cpu, %si
    btl $29, %edx
    jnc fail
    ret

// INT 15h, function E820h, into the form of hvm_memmap_table_entry: {u64 address, u64 size,
// u32 type, u32 reserved}, which is E820's own but for the last word.
collect_memory_map:
    xorl %ebx, %ebx
    xorl %ebp, %ebp                 // entries so far
    movw $MEMORY_MAP, %di
1:  movl $1, 20(%di)                // ACPI 3 attributes, for a BIOS that does not write them
    movl $24, %ecx
    movl $0x534d4150, %edx          // "SMAP"
    movl $0xe820, %eax
    int $0x15
    jc 3f                           // past the last entry
    cmpl $0x534d4150, %eax
    jne 3f
    testb $1, 20(%di)               // bit 0 clear: the entry is to be ignored
    jz 2f
    movl 8(%di), %eax
    orl 12(%di), %eax
    jz 2f
    movl $0, 20(%di)
    addw $24, %di
    incl %ebp
    cmpl $MEMORY_MAP_LIMIT, %ebp
    jae 3f
2:  testl %ebx, %ebx
    jnz 1b
3:  movl %ebp, memory_map_count
    testl %ebp, %ebp
    movw $text_memory_map, %si
    jz fail
    ret

// Each load entry must lie within usable memory.
check_memory:
    movw $load_entries, %bx
    movl load_entry_count, %ecx
1:  testl %ecx, %ecx
    jz 2f
    pushl %ecx
    movl 16(%bx), %esi              // begin
    movl %esi, %edi
    addl 12(%bx), %edi
    addl 20(%bx), %edi              // end: the disk writer keeps it below 4 GiB
    call find_usable
    popl %ecx
    addw $UNIK_LOAD_ENTRY_SIZE, %bx
    decl %ecx
    jmp 1b
2:  ret

// Returns when one usable range of the map holds ESI to EDI, or fails.
find_usable:
    movw $MEMORY_MAP, %bp
    movl memory_map_count, %ecx
1:  cmpl $1, %ds:16(%bp)            // E820 type 1: usable
    jne 2f
    cmpl $0, %ds:4(%bp)
    jne 2f
    cmpl %esi, %ds:0(%bp)
    ja 2f
    movl %ds:0(%bp), %eax
    movl %ds:12(%bp), %edx
    addl %ds:8(%bp), %eax
    adcl $0, %edx
    jnz 3f                          // ends above 4 GiB
    cmpl %edi, %eax
    jae 3f
2:  addw $24, %bp
    decl %ecx
    jnz 1b
too_little:                         // EDI: where the entry ends
    movl %edi, %eax
    addl $0xfffff, %eax
    shrl $20, %eax
    movw $text_memory_size, %di
    call write_decimal
    movl $0x42694d20, (%di)         // " MiB"
    movw $text_memory, %si
    jmp fail
3:  ret

    .balign 4
    .globl memory_map_count
memory_map_count:
    .long 0

text_starting:   .asciz "unik: starting "
text_console:    .asciz "; its console is the first serial port\r\n"
text_cpu:        .asciz "this CPU is not a 64-bit one (x86-64); give the machine another"
text_memory_map: .asciz "the BIOS gives no memory map (INT 15h, function E820h)"
text_memory:
    .ascii "too little memory for the kernel; give the machine more than "
text_memory_size:
    .fill 16, 1, 0

// Room for the load table; the disk writer fills it in.
    .section .load_table, "a"
    .globl load_entries, load_entry_count, load_kernel_entry
                    .long UNIK_LOAD_TABLE_MAGIC
load_entry_count:   .long 0
load_kernel_entry:  .long 0
                    .long 0         // checksum
load_table_name:    .fill UNIK_LOAD_TABLE_NAME_SIZE, 1, 0
load_entries:       .fill UNIK_LOAD_TABLE_SIZE - UNIK_LOAD_TABLE_HEADER_SIZE, 1, 0
