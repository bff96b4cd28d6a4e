// Talking to people: the screen by the BIOS, and for what went wrong the first serial port too.
    .section .stage_two, "ax"
    .code16
    .globl start_serial, print_on_screen, fail, write_decimal, write_hexadecimal

#define COM1 0x3f8

// 115200 baud, 8 bits, no parity, one stop bit, no interrupts.
start_serial:
    movw $serial_settings, %si
1:  lodsw
    testb %ah, %ah
    js 2f
    movzbw %ah, %dx
    addw $COM1, %dx
    outb %al, %dx
    jmp 1b
2:  ret

// register << 8 | value; the end is marked by a negative register.
serial_settings:
    .word 0x0100, 0x0380, 0x0001, 0x0100, 0x0303, 0x0207, 0x0403, 0xffff

// The string at SI.
print_on_screen:
    lodsb
    testb %al, %al
    jz 1f
    movb $0x0e, %ah
    movw $7, %bx
    int $0x10
    jmp print_on_screen
1:  ret

print_on_serial:
    lodsb
    testb %al, %al
    jz 3f
    movb %al, %ah
    movw $COM1 + 5, %dx
    movw $0xffff, %cx               // bounded: there may be no such port
1:  inb %dx, %al
    testb $0x20, %al
    jnz 2f
    loop 1b
2:  movb %ah, %al
    movw $COM1, %dx
    outb %al, %dx
    jmp print_on_serial
3:  ret

print_everywhere:
    pushw %si
    call print_on_screen
    popw %si
    jmp print_on_serial

// SI: what went wrong. Says so and stops.
fail:
    pushw %si
    movw $text_prefix, %si
    call print_everywhere
    popw %si
    call print_everywhere
    movw $text_end, %si
    call print_everywhere
1:  cli
    hlt
    jmp 1b

// EAX in decimal into the text at DI; DI: behind it.
write_decimal:
    movl $10, %ecx
    xorl %edx, %edx
    divl %ecx
    pushw %dx
    testl %eax, %eax
    jz 1f
    call write_decimal
1:  popw %ax
    addb $'0', %al
    stosb
    ret

// AL in hexadecimal, two digits, into the text at DI.
write_hexadecimal:
    aam $16
    xchgb %ah, %al
    call 1f
    xchgb %ah, %al
1:  cmpb $10, %al
    sbbb $0x69, %al                 // with the carry and DAS: the digit of 0 to 15
    das
    stosb
    ret

text_prefix: .asciz "unik: cannot boot: "
text_end:    .asciz "\r\n"
