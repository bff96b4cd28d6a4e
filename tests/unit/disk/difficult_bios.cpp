#include "difficult_bios.hpp"

#include <cstring>

#include <vocabulary/endian.hpp>

// Entered at 0000:7c00, copied to 8000:0000, where each address is its distance from the start. The
// disk begins at sector 64.
asm(R"(
    .pushsection .rodata.difficult_bios, "a"
    .code16
    .globl unik_difficult_bios, unik_difficult_bios_end, unik_difficult_bios_ways
unik_difficult_bios:
    cli
    cld
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw $0x7c00, %sp
    movw $0x8000, %ax
    movw %ax, %es
    movw $0x7c00, %si
    xorw %di, %di
    movw $256, %cx
    rep movsw
    ljmp $0x8000, $(moved - unik_difficult_bios)
moved:
    movw %cs, %ax
    movw %ax, %es
    movl 0x13 * 4, %eax
    movl %eax, %es:original - unik_difficult_bios
    movw $(hook - unik_difficult_bios), 0x13 * 4
    movw %cs, 0x13 * 4 + 2
    sti
    movw $(first - unik_difficult_bios), %si
    movw %cs, %ax
    movw %ax, %ds
    movb $0x42, %ah
    pushf
    lcall *%cs:original - unik_difficult_bios
    movb $0x80, %dl
    ljmp $0, $0x7c00

hook:
    cmpb $0x42, %ah
    je read
    cmpb $0x41, %ah
    jb others
    cmpw $0, %cs:ways_no_extensions - unik_difficult_bios
    movb $0x01, %cs:status - unik_difficult_bios
    jne refuse
    cmpb $0x48, %ah
    je parameters
others:
    ljmp *%cs:original - unik_difficult_bios

refuse:
    movb %cs:status - unik_difficult_bios, %ah
    pushw %bp
    movw %sp, %bp
    orw $1, 6(%bp)
    popw %bp
    iret
succeed:
    xorb %ah, %ah
    pushw %bp
    movw %sp, %bp
    andw $0xfffe, 6(%bp)
    popw %bp
    iret

parameters:
    pushw %cx
    movw %cs:ways_shift - unik_difficult_bios, %cx
    movw $512, 24(%si)
    shlw %cl, 24(%si)
    popw %cx
    jmp succeed

read:
    pushal
    pushw %ds
    pushw %es
    movb $0x01, %cs:status - unik_difficult_bios
    cmpw $0, %cs:ways_no_extensions - unik_difficult_bios
    jne failed
    movw 2(%si), %ax
    movb $0x09, %cs:status - unik_difficult_bios
    cmpw %cs:ways_most - unik_difficult_bios, %ax
    ja failed
    movb $0x40, %cs:status - unik_difficult_bios
    movzwl %ax, %edx
    addl 8(%si), %edx
    cmpl %cs:ways_end - unik_difficult_bios, %edx
    ja failed
    movb $0x10, %cs:status - unik_difficult_bios
    incw %cs:reads - unik_difficult_bios
    movw %cs:reads - unik_difficult_bios, %dx
    cmpw %cs:ways_fail_each - unik_difficult_bios, %dx
    jne 1f
    movw $0, %cs:reads - unik_difficult_bios
    movw $0x7777, 2(%si)
    jmp failed
1:  cmpw %cs:ways_at_once - unik_difficult_bios, %ax
    jbe 2f
    movw %cs:ways_at_once - unik_difficult_bios, %ax
    movw %ax, 2(%si)
2:  movw %cs:ways_shift - unik_difficult_bios, %cx
    shlw %cl, %ax
    movw %ax, %cs:own_count - unik_difficult_bios
    movl 4(%si), %eax
    movl %eax, %cs:own_buffer - unik_difficult_bios
    movl 8(%si), %eax
    shll %cl, %eax
    addl $64, %eax
    movl %eax, %cs:own_lba - unik_difficult_bios
    movw $(own - unik_difficult_bios), %si
    movw %cs, %ax
    movw %ax, %ds
    movb $0x80, %dl
    movb $0x42, %ah
    pushf
    lcall *%cs:original - unik_difficult_bios
    movb %ah, %cs:status - unik_difficult_bios
    jc failed
    popw %es
    popw %ds
    popal
    jmp succeed
failed:
    popw %es
    popw %ds
    popal
    jmp refuse

    .balign 4
original:   .long 0
first:      .byte 16, 0
            .word 1, 0x7c00, 0
            .quad 64
own:        .byte 16, 0
own_count:  .word 0
own_buffer: .long 0
own_lba:    .quad 0
reads:      .word 0
status:     .byte 0, 0
unik_difficult_bios_ways:
ways_shift:         .word 0
ways_most:          .word 0
ways_at_once:       .word 0
ways_fail_each:     .word 0
ways_end:           .long 0
ways_no_extensions: .word 0
unik_difficult_bios_end:
    .code64
    .popsection
)");

extern "C" const std::uint8_t unik_difficult_bios[];
extern "C" const std::uint8_t unik_difficult_bios_ways[];
extern "C" const std::uint8_t unik_difficult_bios_end[];

namespace unik::disk::test {

Layout behind(const DifficultBios& bios, const Layout& disk) {
    constexpr std::uint64_t k_begin = 64 * 512;
    const struct {
        vocabulary::Le16 sector_shift, most, at_once, fail_each;
        vocabulary::Le32 end;
        vocabulary::Le16 no_extensions;
    } ways{bios.sector_shift, bios.most, bios.at_once,
           bios.fail_each,    bios.end,  bios.no_extensions};
    ByteVector sector(512);
    std::memcpy(sector.data(), unik_difficult_bios,
                static_cast<std::size_t>(unik_difficult_bios_end - unik_difficult_bios));
    std::memcpy(sector.data() + (unik_difficult_bios_ways - unik_difficult_bios), &ways,
                sizeof ways);
    sector[510] = 0x55;
    sector[511] = 0xaa;
    Layout out(Bytes{k_begin + disk.size().value});
    out.add(0, std::move(sector));
    for (const Extent& extent : disk.extents())
        out.add(k_begin + extent.offset, extent.bytes);
    return out;
}

} // namespace unik::disk::test
