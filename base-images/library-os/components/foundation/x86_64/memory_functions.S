// The functions that compilers call by themselves, with C linkage (System V ABI). Eight bytes a step
// by string instructions; the bytes that do not fill a step are moved by one that overlaps.

// Fewer than 16 bytes: everything is loaded before anything is stored, so that overlapping blocks
// are fine. rdi, rsi, rdx as the caller passed them.
    .macro MOVE_SMALL
    cmpq $8, %rdx
    jb 1f
    movq (%rsi), %r8
    movq -8(%rsi, %rdx), %r9
    movq %r8, (%rdi)
    movq %r9, -8(%rdi, %rdx)
    ret
1:  cmpq $4, %rdx
    jb 2f
    movl (%rsi), %r8d
    movl -4(%rsi, %rdx), %r9d
    movl %r8d, (%rdi)
    movl %r9d, -4(%rdi, %rdx)
    ret
2:  cmpq $2, %rdx
    jb 3f
    movzwl (%rsi), %r8d
    movzbl -1(%rsi, %rdx), %r9d
    movw %r8w, (%rdi)
    movb %r9b, -1(%rdi, %rdx)
    ret
3:  testq %rdx, %rdx
    jz 4f
    movzbl (%rsi), %r8d
    movb %r8b, (%rdi)
4:  ret
    .endm

    .section .text.memmove, "ax"
    .globl memcpy, memmove
memmove:
    movq %rdi, %r8
    subq %rsi, %r8
    cmpq %rdx, %r8                  // below: the destination begins inside the source
    jb backward
memcpy:
    movq %rdi, %rax
    cmpq $16, %rdx
    jb small
    movq -8(%rsi, %rdx), %r8
    leaq -8(%rdi, %rdx), %r9
    movq %rdx, %rcx
    shrq $3, %rcx
    rep movsq
    movq %r8, (%r9)
    ret
backward:
    movq %rdi, %rax
    cmpq $16, %rdx
    jb small
    movq (%rsi), %r8
    movq %rdx, %rcx
    shrq $3, %rcx
    leaq -8(%rdi, %rdx), %rdi
    leaq -8(%rsi, %rdx), %rsi
    std
    rep movsq
    cld
    movq %r8, (%rax)
    ret
small:
    MOVE_SMALL

    .section .text.memset, "ax"
    .globl memset
memset:
    movq %rdi, %r8
    movzbl %sil, %eax
    movq %rdx, %rcx
    cmpq $16, %rdx
    jb 1f
    movabsq $0x0101010101010101, %r9
    imulq %r9, %rax
    movq %rax, -8(%rdi, %rdx)
    shrq $3, %rcx
    rep stosq
    movq %r8, %rax
    ret
1:  rep stosb
    movq %r8, %rax
    ret

    .section .text.memcmp, "ax"
    .globl memcmp
memcmp:
    xorl %eax, %eax
    movq %rdx, %rcx
    cmpq %rcx, %rcx                 // equal when there is nothing to compare
    repe cmpsb
    je 1f
    movzbl -1(%rdi), %eax
    movzbl -1(%rsi), %ecx
    subl %ecx, %eax
1:  ret

    .section .text.strlen, "ax"
    .globl strlen
strlen:
    movq %rdi, %rdx
    xorl %eax, %eax
    movq $-1, %rcx
    repne scasb
    subq %rdx, %rdi
    leaq -1(%rdi), %rax
    ret

    .section .note.GNU-stack, "", @progbits
