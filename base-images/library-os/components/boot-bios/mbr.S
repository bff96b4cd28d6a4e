// First stage: what the BIOS loads from sector 0 to 0x7c00 and enters in real mode with the drive
// in DL. It reads the second stage by block number and jumps to it. Only 440 bytes belong to us:
// disk signature and partition table follow.
#include <vocabulary/boot_record_layout.hpp>

    .section .mbr, "ax"
    .code16
    .globl mbr_start
mbr_start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    sti
    cld
    ljmp $0, $normalised            // some BIOSes enter at 07c0:0000
normalised:
    testb $0x80, %dl                // some pass no drive at all: then it is the first disk
    jnz 1f
    movb $0x80, %dl
1:  movb %dl, drive

    movw $0x55aa, %bx
    movb $0x41, %ah
    int $0x13
    jc no_extensions
    cmpw $0xaa55, %bx
    jne no_extensions
    testb $1, %cl                   // "fixed disk access subset": functions 42h to 44h, 47h, 48h
    jz no_extensions

    movw packet + 2, %bp            // a failing BIOS overwrites the count
    movw $4, %di
read:
    movw %bp, packet + 2
    movw $packet, %si
    movb drive, %dl
    movb $0x42, %ah
    int $0x13
    jnc loaded
    movw $text_read, %si
    decw %di
    jz fail
    movb drive, %dl
    xorb %ah, %ah
    int $0x13
    jmp read

loaded:
    movw $text_damaged, %si
    cmpl $UNIK_STAGE_TWO_MAGIC, UNIK_STAGE_TWO_ADDRESS
    jne fail
    movb drive, %dl
    jmp stage_two

no_extensions:
    movw $text_extensions, %si
fail:                               // SI: the message's second half
    pushw %si
    movw $text_prefix, %si
    call print
    popw %si
    call print
halt:
    cli
    hlt
    jmp halt

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
text_extensions: .asciz "this BIOS reads disks only by geometry (no INT 13h extensions)\r\n"
text_read:       .asciz "the disk cannot be read\r\n"
text_damaged:    .asciz "the boot partition is damaged\r\n"
drive:           .byte 0

    .org UNIK_PACKET_OFFSET         // the assembler refuses code that is too long
packet:
    .byte 16, 0
    .word 0                         // sectors: the disk writer's
    .word 0, UNIK_STAGE_TWO_ADDRESS >> 4
    .quad 0                         // LBA: the disk writer's
    .org UNIK_SECTOR_SIZE
