// Reading the kernel by INT 13h, function 42h, whatever the size of the drive's sectors and however
// much the BIOS takes at once.
#include <vocabulary/boot_record_layout.hpp>
#include "memory.inc"

    .section .stage_two, "ax"
    .code16
    .globl measure_sectors, load_kernel

#define SINGLE_ATTEMPTS 4

// The MBR has found out how large the drive's sectors are.
measure_sectors:
    movw UNIK_MBR_ADDRESS + UNIK_SECTOR_SIZE_OFFSET, %ax
1:  shrw %ax
    cmpw $UNIK_SECTOR_SIZE, %ax
    jb 2f
    incb sector_shift
    shrw chunk_limit
    jmp 1b
2:  ret

load_kernel:
    movw $load_entries, %bx
    movl load_entry_count, %ecx
1:  testl %ecx, %ecx
    jz 2f
    pushl %ecx
    pushw %bx
    call load_entry
    popw %bx
    popl %ecx
    addw $UNIK_LOAD_ENTRY_SIZE, %bx
    decl %ecx
    jmp 1b
2:  ret

// Reads what the load entry at BX says, chunk by chunk, and copies it up.
// ESI: bytes to skip in the chunk, EBP: bytes left.
load_entry:
    movl 0(%bx), %eax
    movl 4(%bx), %edx
    movb sector_shift, %cl
    movl $1, %esi
    shll %cl, %esi
    decl %esi
    andl %eax, %esi                 // sectors of 512 bytes within one of the drive's
    shll $9, %esi
    addl 8(%bx), %esi
    shrdl %cl, %edx, %eax
    shrl %cl, %edx
    movl %eax, packet_lba
    movl %edx, packet_lba + 4
    movl 12(%bx), %ebp
    movl 16(%bx), %eax
    movl %eax, copy_destination
    pushl 20(%bx)
1:  testl %ebp, %ebp
    jz 3f
    call read_chunk                 // EAX: its bytes
    leal CHUNK_BUFFER(%esi), %edx
    movl %edx, copy_source
    subl %esi, %eax                 // bytes of ours in it
    xorl %esi, %esi
    cmpl %ebp, %eax
    jbe 2f
    movl %ebp, %eax
2:  movl %eax, copy_count
    subl %eax, %ebp
    call copy_up
    jmp 1b
3:  popl zero_count
    jmp zero_up

// Reads as much as is left, or as the BIOS takes at once, and moves the packet on. Returns the
// number of bytes in EAX; keeps ESI and EBP.
read_chunk:
    pushl %esi
    pushl %ebp
    movb sector_shift, %cl
    addb $9, %cl
    movl $1, %eax
    shll %cl, %eax
    leal -1(%eax, %esi), %eax
    addl %ebp, %eax
    shrl %cl, %eax                  // sectors wanted
    movzwl chunk_limit, %edx
    cmpl %edx, %eax
    jbe 1f
    movl %edx, %eax
1:  call read_sectors               // AX: sectors read
    movzwl %ax, %eax
    addl %eax, packet_lba
    adcl $0, packet_lba + 4
    movb sector_shift, %cl
    addb $9, %cl
    shll %cl, %eax
    popl %ebp
    popl %esi
    ret

// Reads up to AX sectors into the chunk buffer; AX: how many there are, at least 1. What fails is
// tried again with half as many sectors, since some BIOSes take fewer than they should, and the
// smaller number is kept for what follows; a single sector gets more attempts.
read_sectors:
    movw %ax, %cx
    movw $SINGLE_ATTEMPTS, %di
1:  movw %cx, packet_sectors        // a failing BIOS overwrites the count
    pushw %cx
    pushw %di
    movw $packet, %si
    movb drive, %dl
    movb $0x42, %ah
    int $0x13
    movb %ah, %cs:read_status
    call restore_segments           // some do not keep what they should; keeps the carry flag
    popw %di
    popw %cx
    jc 2f
    movw packet_sectors, %ax        // some transfer fewer and say so
    testw %ax, %ax
    jz 2f
    cmpw %cx, %ax
    jbe 3f
    movw %cx, %ax
3:  ret
2:  pushw %cx
    pushw %di
    movb drive, %dl
    xorb %ah, %ah                   // reset
    int $0x13
    call restore_segments
    popw %di
    popw %cx
    shrw %cx
    jz 4f
    movw %cx, chunk_limit
    jmp 1b
4:  incw %cx
    decw %di
    jnz 1b
    movb read_status, %al
    movw $text_status, %di
    call write_hexadecimal
    movw $text_read, %si
    jmp fail

restore_segments:
    movw $0, %cx
    movw %cx, %ds
    movw %cx, %es
    sti
    cld
    ret

    .globl drive
drive:        .byte 0
sector_shift: .byte 0               // beyond 512 bytes
read_status:  .byte 0
    .balign 4
chunk_limit:
    .word CHUNK_SECTORS             // sectors of the drive's
packet:
    .byte 16, 0
packet_sectors:
    .word 0, 0, CHUNK_BUFFER >> 4
packet_lba:
    .quad 0

text_read:   .ascii "the disk cannot be read (BIOS error "
text_status: .asciz "00h)"
