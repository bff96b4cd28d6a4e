// The A20 gate: closed, address line 20 is held low as on the first PC, and every odd megabyte
// shows the one below it.
    .section .stage_two, "ax"
    .code16
    .globl open_a20

open_a20:
    call a20_is_open
    jnz 3f
    movw $0x2401, %ax               // the BIOS's own way
    int $0x15
    call a20_is_open
    jnz 3f
    inb $0x92, %al                  // system control port A; bit 0 would reset the machine
    orb $2, %al
    andb $0xfe, %al
    outb %al, $0x92
    call a20_is_open
    jnz 3f
    call wait_controller            // the keyboard controller's output port
    movb $0xd1, %al
    outb %al, $0x64
    call wait_controller
    movb $0xdf, %al
    outb %al, $0x60
    call wait_controller
    call a20_is_open
    jnz 3f
    movw $text_a20, %si
    jmp fail
3:  ret

wait_controller:
    movw $0xffff, %cx
1:  inb $0x64, %al
    testb $2, %al
    jz 2f
    loop 1b
2:  ret

// ZF clear when open: ffff:0510 is 0x100500, which is 0x500 while the gate is closed. The line
// needs a moment, hence more than one look.
a20_is_open:
    pushw %es
    movw $0xffff, %ax
    movw %ax, %es
    movw $0x100, %cx
    movl 0x500, %ebx
1:  incl 0x500
    movl 0x500, %eax
    outb %al, $0x80                 // a short delay
    cmpl %es:0x510, %eax
    loope 1b
    movl %ebx, 0x500                // leaves the flags alone
    popw %es
    ret

text_a20: .asciz "the A20 gate cannot be opened"
