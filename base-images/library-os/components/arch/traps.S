// Every way into the kernel and back.
//
// Exceptions and interrupts arrive on the entry stack (IST 1), because the interrupted program may
// be using the red zone below its stack pointer. With interrupts still off the frame is moved at
// once: to the top of the thread's kernel stack when the interrupted code or stack is the program's,
// else below the interrupted stack pointer. Then the entry stack is free again, so that handlers may be
// interrupted, fault, block or switch threads.
//
// Double fault, NMI and machine check stay on IST 2; they do not return.
//
// If the kernel stack is used up, the move itself faults; the entry finds its own mark in
// PerCpu::moving and reports the overflow from IST 2's stack instead of faulting for ever.
//
// `syscall` comes from ring 0 and so cannot go back by sysret: registers are restored, then
// `sti; jmp *%rcx`, whose interrupt shadow makes the jump part of the return. Whatever is not a
// plain return of a system call goes through iretq.
#include <arch/per_cpu.hpp>

#define CODE_SELECTOR 0x08
#define DATA_SELECTOR 0x10
#define SYSCALL_VECTOR 256
#define FLAG_INTERRUPT 0x200
#define FLAGS_NOT_PLAIN 0x14100     /* VM-free: RF, NT, TF need iretq */

// Offsets in TrapFrame (arch/trap_frame.hpp).
#define FRAME_R11 32
#define FRAME_RCX 96
#define FRAME_VECTOR 120
#define FRAME_RIP 136
#define FRAME_FLAGS 152
#define FRAME_RSP 160

    .text
    .section .text.unik_traps, "ax"

// 16 bytes a vector; those for which the CPU pushes no error code push a zero.
    .balign 16
    .globl unik_trap_stubs
unik_trap_stubs:
    .set vector, 0
    .rept 128
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || \
          vector == 29 || vector == 30)
    pushq $0
    .endif
    pushq $vector
    .if vector == 2 || vector == 8 || vector == 18
    jmp fatal_entry
    .else
    jmp trap_entry
    .endif
    .set vector, vector + 1
    .endr

    .macro PUSH_REST                // rdx … after rax, rbx and rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    .endm

    .macro POP_REST
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rbp
    popq %rdi
    popq %rsi
    popq %rdx
    .endm

// On the entry stack: vector, error code, rip, cs, rflags, rsp, ss.
trap_entry:
    cmpq $0, %gs:UNIK_CPU_MOVING
    jne stack_overflow
    movq %rax, %gs:UNIK_CPU_TRAP_RAX
    movq %rcx, %gs:UNIK_CPU_TRAP_RCX
    movq %rsp, %rcx
    movq 16(%rcx), %rax
    movq %rax, %gs:UNIK_CPU_MOVING
    andq 40(%rcx), %rax             // negative only when both are addresses of the kernel
    movq 40(%rcx), %rax
    js 1f
    movq %gs:UNIK_CPU_KERNEL_STACK, %rax
1:  andq $-16, %rax
    movq %rax, %rsp
    pushq 48(%rcx)
    pushq 40(%rcx)
    pushq 32(%rcx)
    pushq 24(%rcx)
    pushq 16(%rcx)
    pushq 8(%rcx)
    pushq 0(%rcx)
    pushq %gs:UNIK_CPU_TRAP_RAX
    pushq %rbx
    pushq %gs:UNIK_CPU_TRAP_RCX
    PUSH_REST
    movq $0, %gs:UNIK_CPU_MOVING
    cld
    movq %rsp, %rdi
    call unik_trap
    // Falls through.

// rsp: a TrapFrame. Interrupts off.
return_by_iretq:
    POP_REST
    popq %rcx
    popq %rbx
    popq %rax
    addq $16, %rsp
    iretq

fatal_entry:
    pushq %rax
    pushq %rbx
    pushq %rcx
    PUSH_REST
    cld
    movq %rsp, %rdi
    andq $-16, %rsp
    call unik_fatal_trap
    ud2

// The frame here is that of the fault while moving; what was interrupted first is in
// PerCpu::moving.
stack_overflow:
    pushq %rax
    pushq %rbx
    pushq %rcx
    PUSH_REST
    cld
    movq %rsp, %rdi
    movq $unik_fatal_stack_top, %rsp
    call unik_kernel_stack_overflow
    ud2

    .globl unik_syscall_entry
unik_syscall_entry:
    movq %rsp, %gs:UNIK_CPU_SCRATCH
    movq %gs:UNIK_CPU_KERNEL_STACK, %rsp
    pushq $DATA_SELECTOR
    pushq %gs:UNIK_CPU_SCRATCH
    pushq %r11
    pushq $CODE_SELECTOR
    pushq %rcx
    pushq %rax
    pushq $SYSCALL_VECTOR
    pushq %rax
    pushq %rbx
    pushq %rcx
    PUSH_REST
    movq %rsp, %rdi
    call unik_syscall
    // A plain return: a system call's frame whose rcx and r11 still are rip and rflags.
    movq FRAME_FLAGS(%rsp), %r11
    movq FRAME_RIP(%rsp), %rcx
    cmpq %r11, FRAME_R11(%rsp)
    jne return_by_iretq
    cmpq %rcx, FRAME_RCX(%rsp)
    jne return_by_iretq
    testl $FLAGS_NOT_PLAIN, %r11d
    jnz return_by_iretq
    testl $FLAG_INTERRUPT, %r11d
    jz return_by_iretq
    andl $~FLAG_INTERRUPT, FRAME_FLAGS(%rsp)
    POP_REST
    popq %rcx
    popq %rbx
    popq %rax
    addq $32, %rsp                  // vector, error code, rip, cs
    popfq
    popq %rsp
    sti
    jmpq *%rcx

// enter_program(const TrapFrame&)
    .globl unik_enter_program
unik_enter_program:
    movq %rdi, %rsp
    jmp return_by_iretq

// unik_switch_stacks(std::uint64_t* save_stack_pointer, std::uint64_t new_stack_pointer)
    .globl unik_switch_stacks
unik_switch_stacks:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret

// The first return address of a new context: r12 is the entry, r13 its argument.
    .globl unik_context_start
unik_context_start:
    xorl %ebp, %ebp
    movq %r13, %rdi
    call *%r12
    ud2

    .section .bss.unik_trap_stacks, "aw", @nobits
    .balign 16
    .globl unik_entry_stack_top, unik_fatal_stack_top
    .skip 512
unik_entry_stack_top:
    .skip 8192
unik_fatal_stack_top:

    .section .note.GNU-stack, "", @progbits
