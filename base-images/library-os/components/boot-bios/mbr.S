// First stage: what the BIOS loads from sector 0 to 0x7c00 and enters in real mode with the drive
// in DL. It reads the second stage by block number and jumps to it. Only 440 bytes belong to us:
// disk signature and partition table follow.
#include <vocabulary/boot_record_layout.hpp>

#define DRIVE_PARAMETERS 0x600      /* what INT 13h, function 48h, fills in */

    .section .mbr, "ax"
    .code16
    .globl mbr_start
mbr_start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $UNIK_MBR_ADDRESS, %sp
    sti
    cld
    ljmp $0, $normalised            // some BIOSes enter at 07c0:0000
normalised:
    testb $0x80, %dl                // some pass no drive at all: then it is the first disk
    jnz 1f
    movb $0x80, %dl
1:  movb %dl, drive
    pushw packet + 2                // sectors of 512 bytes

    movw sector_size, %ax
    testw %ax, %ax
    jnz 2f
    movw $DRIVE_PARAMETERS, %si
    movw $26, (%si)
    movw %ax, 24(%si)               // 0 stands for 512, as does whatever cannot be
    movb $0x48, %ah
    int $0x13
    movw DRIVE_PARAMETERS + 24, %ax
    cmpw $4096, %ax
    ja 1f
    cmpw $512, %ax
    jae 2f
1:  movw $512, %ax
2:  movw %ax, sector_size

// From sectors of 512 bytes to the drive's; what is read too much at the end does no harm.
scale:
    shrw %ax
    cmpw $512, %ax
    jb scaled
    shrl packet + 12
    rcrl packet + 8
    incw packet + 2
    shrw packet + 2
    jmp scale
scaled:
    movw packet + 2, %bp            // a failing BIOS overwrites the count
    movw $4, %di
read:
    movw %bp, packet + 2
    movw $packet, %si
    movb drive, %dl
    movb $0x42, %ah
    int $0x13
    jnc loaded
    pushw %ax                       // AH: the status
    movb drive, %dl
    xorb %ah, %ah
    int $0x13
    popw %ax
    decw %di
    jnz read

    pushw %ax                       // is it that there is no function 42h?
    movw $0x55aa, %bx
    movb drive, %dl
    movb $0x41, %ah
    int $0x13
    popw %ax
    movw $text_extensions, %si
    jc fail
    movb %ah, %al
    aam $16
    call hexadecimal
    xchgb %ah, %al
    call hexadecimal
    movw %ax, text_status
    movw $text_read, %si
    jmp fail

loaded:
    movw $UNIK_STAGE_TWO_ADDRESS, %si
    popw %cx
    shlw $7, %cx
    xorl %edx, %edx
1:  lodsl
    addl %eax, %edx
    loop 1b
    movw $text_damaged, %si
    testl %edx, %edx
    jnz fail
    cmpl $UNIK_STAGE_TWO_MAGIC, UNIK_STAGE_TWO_ADDRESS
    jne fail
    movb drive, %dl
    jmp stage_two

fail:                               // SI: the message's second half
    pushw %si
    movw $text_prefix, %si
    call print
    popw %si
    call print
    movw $text_end, %si
    call print
halt:
    cli
    hlt
    jmp halt

hexadecimal:                        // AL: from 0 to 15 to its digit
    cmpb $10, %al
    sbbb $0x69, %al
    das
    ret

// Prints the string at SI on the screen and on the first serial port.
print:
    lodsb
    testb %al, %al
    jz 3f
    pushw %ax
    movb $0x0e, %ah
    movw $7, %bx
    int $0x10
    movw $0x3fd, %dx
    movw $0xffff, %cx               // bounded: there may be no such port
1:  inb %dx, %al
    testb $0x20, %al
    jnz 2f
    loop 1b
2:  popw %ax
    movw $0x3f8, %dx
    outb %al, %dx
    jmp print
3:  ret

text_prefix:     .asciz "unik: cannot boot: "
text_extensions: .asciz "this BIOS has no INT 13h extensions"
text_read:       .ascii "the disk cannot be read (BIOS error "
text_status:     .asciz "00h)"
text_damaged:    .asciz "its boot partition is damaged"
text_end:        .asciz "\r\n"
drive:           .byte 0

    .org UNIK_SECTOR_SIZE_OFFSET    // the assembler refuses code that is too long
sector_size:
    .word 0
packet:
    .byte 16, 0
    .word 0                         // sectors: the disk writer's
    .word 0, UNIK_STAGE_TWO_ADDRESS >> 4
    .quad 0                         // LBA: the disk writer's
    .org UNIK_SECTOR_SIZE
