// Tells where UEFI enters (vocabulary/kernel_file_layout.hpp), and the addresses as linked that the
// application, which runs elsewhere, gives on.
#include <arch/front_door.hpp>
#include <vocabulary/kernel_file_layout.hpp>

    .section .note.unik, "a", @note
    .balign 4
    .long 2f - 1f
    .long 4f - 3f
    .long UNIK_NOTE_UEFI_ENTRY
1:  .asciz UNIK_NOTE_OWNER
2:  .balign 4
3:  .quad unik_uefi_entry - UNIK_KERNEL_IMAGE
4:  .balign 4

    .section .rodata.unik_uefi_linked, "a"
    .balign 8
    .globl unik_uefi_linked_start, unik_uefi_linked_front_door
unik_uefi_linked_start:      .quad unik_kernel_start
unik_uefi_linked_front_door: .quad unik_uefi_front_door

    .section .note.GNU-stack, "", @progbits
