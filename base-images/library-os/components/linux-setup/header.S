// The setup header of the Linux/x86 boot protocol, version 2.12 (Linux's
// Documentation/arch/x86/boot.rst). The tool fills in the sizes that depend on the kernel: syssize
// and init_size.
#include "setup.inc"

    .section .setup_header, "ax"
    .code16
    .byte SETUP_PAGE / 512 - 1      // 1f1 setup_sects
    .word 0                         // 1f2 root_flags
    .long 0                         // 1f4 syssize, in units of 16 bytes: the tool's
    .word 0                         // 1f8 ram_size
    .word 0xffff                    // 1fa vid_mode: as it is
    .word 0                         // 1fc root_dev
    .word 0xaa55                    // 1fe boot_flag
    .globl setup_start, setup_header_end
setup_start:
    .byte 0xeb, setup_header_end - 1f // 200 a short jump, and at 201 the header's length
1:  .ascii "HdrS"                   // 202
    .word 0x020c                    // 206 version
    .long 0                         // 208 realmode_swtch
    .word 0                         // 20c start_sys_seg
    .word kernel_version - 0x200    // 20e
    .byte 0                         // 210 type_of_loader: the loader's
    .byte 1                         // 211 loadflags: LOADED_HIGH
    .word 0                         // 212 setup_move_size
    .long LOAD_ADDRESS              // 214 code32_start
    .long 0                         // 218 ramdisk_image
    .long 0                         // 21c ramdisk_size
    .long 0                         // 220 bootsect_kludge
    .word 0                         // 224 heap_end_ptr
    .byte 0                         // 226 ext_loader_ver
    .byte 0                         // 227 ext_loader_type
    .long 0                         // 228 cmd_line_ptr
    .long 0x7fffffff                // 22c initrd_addr_max
    .long 0x1000                    // 230 kernel_alignment
    .byte 0                         // 234 relocatable_kernel: only where it is linked
    .byte 0                         // 235 min_alignment
    .word 1                         // 236 xloadflags: XLF_KERNEL_64, an entry at 0x200
    .long 2047                      // 238 cmdline_size
    .long 0                         // 23c hardware_subarch
    .quad 0                         // 240 hardware_subarch_data
    .long 0                         // 248 payload_offset
    .long 0                         // 24c payload_length
    .quad 0                         // 250 setup_data
    .quad LOAD_ADDRESS              // 258 pref_address
    .long 0                         // 260 init_size: the tool's
    .long 0                         // 264 handover_offset
setup_header_end:
    jmp setup_code
    .globl setup_jump_end
setup_jump_end:
