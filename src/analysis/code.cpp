#include <analysis/code.hpp>

#include <algorithm>

#include <Zydis/Zydis.h>
#include <elf/layout.hpp>

namespace unik::analysis {
namespace {

const Region* find_region(const std::vector<Region>& regions, std::uint64_t address) {
    const auto found = std::find_if(regions.begin(), regions.end(), [&](const Region& region) {
        return address >= region.address && address < region.end();
    });
    return found == regions.end() ? nullptr : &*found;
}

void collect_from_sections(const elf::ElfFile& file, std::vector<Region>& text,
                           std::vector<Region>& data) {
    for (const elf::Section& section : file.sections()) {
        const ByteSpan content = file.content(section);
        if ((section.flags & elf::k_section_allocated) == 0 || content.empty() ||
            section.address + content.size() < section.address)
            continue;
        const bool executable = (section.flags & elf::k_section_executable) != 0;
        (executable ? text : data).push_back({section.address, content});
    }
}

void collect_from_segments(const elf::ElfFile& file, std::vector<Region>& text,
                           std::vector<Region>& data) {
    for (const elf::Segment& segment : file.segments()) {
        const ByteSpan content = file.content(segment);
        if (segment.type != elf::k_segment_load || content.empty())
            continue;
        const bool executable = (segment.flags & elf::k_flag_execute) != 0;
        (executable ? text : data).push_back({segment.address, content});
    }
}

// Hostile headers can let regions overlap; what lies below the end of the one before is dropped.
void make_disjoint(std::vector<Region>& regions) {
    std::sort(regions.begin(), regions.end(),
              [](const Region& a, const Region& b) { return a.address < b.address; });
    std::vector<Region> kept;
    for (const Region& region : regions)
        if (kept.empty() || region.address >= kept.back().end())
            kept.push_back(region);
    regions = std::move(kept);
}

Flow flow_of(const ZydisDecodedInstruction& instruction) {
    const bool direct = (instruction.attributes & ZYDIS_ATTRIB_IS_RELATIVE) != 0 &&
                        instruction.raw.imm[0].size != 0;
    switch (instruction.meta.category) {
    case ZYDIS_CATEGORY_CALL: return direct ? Flow::call : Flow::next;
    case ZYDIS_CATEGORY_UNCOND_BR: return direct ? Flow::jump : Flow::indirect_jump;
    case ZYDIS_CATEGORY_COND_BR: return Flow::branch;
    case ZYDIS_CATEGORY_RET: return Flow::leave;
    case ZYDIS_CATEGORY_NOP:
    case ZYDIS_CATEGORY_WIDENOP: return Flow::padding;
    default: break;
    }
    switch (instruction.mnemonic) {
    case ZYDIS_MNEMONIC_SYSCALL: return Flow::syscall;
    case ZYDIS_MNEMONIC_HLT:
    case ZYDIS_MNEMONIC_UD2: return Flow::trap;
    case ZYDIS_MNEMONIC_INT3: return Flow::padding;
    default: return Flow::next;
    }
}

// The address of a memory operand that needs no register but rip, or of one with a 32-bit base.
std::optional<std::uint64_t> memory_address(const ZydisDecodedInstruction& instruction,
                                            std::uint64_t next) {
    if (instruction.raw.disp.size != 32)
        return std::nullopt;
    const auto displacement = static_cast<std::uint64_t>(instruction.raw.disp.value);
    const bool relative = instruction.raw.modrm.mod == 0 && instruction.raw.modrm.rm == 5;
    return relative ? next + displacement : displacement;
}

} // namespace

bool Code::in_text(std::uint64_t address) const {
    return find_region(text_, address) != nullptr;
}

ByteSpan Code::data_at(std::uint64_t address) const {
    const Region* region = find_region(data_, address);
    return region == nullptr ? ByteSpan() : region->bytes.subspan(address - region->address);
}

ByteSpan Code::bytes_of(const Instruction& instruction) const {
    const Region* region = find_region(text_, instruction.address);
    return region == nullptr
               ? ByteSpan()
               : region->bytes.subspan(instruction.address - region->address, instruction.length);
}

std::size_t Code::lower_bound(std::uint64_t address) const {
    const auto found = std::lower_bound(
        instructions_.begin(), instructions_.end(), address,
        [](const Instruction& instruction, std::uint64_t a) { return instruction.address < a; });
    return static_cast<std::size_t>(found - instructions_.begin());
}

std::optional<std::size_t> Code::find(std::uint64_t address) const {
    const std::size_t index = lower_bound(address);
    if (index == instructions_.size() || instructions_[index].address != address)
        return std::nullopt;
    return index;
}

Code Code::decode(const elf::ElfFile& file, const std::vector<std::uint64_t>& starts) {
    Code code;
    collect_from_sections(file, code.text_, code.data_);
    if (code.text_.empty()) {
        code.data_.clear();
        collect_from_segments(file, code.text_, code.data_);
    }
    make_disjoint(code.text_);
    make_disjoint(code.data_);
    std::size_t size = 0;
    for (const Region& region : code.text_)
        size += region.bytes.size();
    code.instructions_.reserve(size / 4);
    for (const Region& region : code.text_)
        code.decode_region(region, starts);
    return code;
}

void Code::decode_region(const Region& region, const std::vector<std::uint64_t>& starts) {
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    auto start = std::upper_bound(starts.begin(), starts.end(), region.address);
    for (std::size_t offset = 0; offset < region.bytes.size();) {
        const std::uint64_t address = region.address + offset;
        while (start != starts.end() && *start <= address)
            ++start;
        std::size_t room = region.bytes.size() - offset;
        if (start != starts.end())
            room = std::min<std::size_t>(room, *start - address);
        ZydisDecodedInstruction decoded;
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(
                &decoder, nullptr, region.bytes.data() + offset, room, &decoded))) {
            ++offset;
            continue;
        }
        Instruction instruction{address, 0, decoded.length, flow_of(decoded)};
        const std::uint64_t next = instruction.next();
        if (instruction.flow == Flow::call || instruction.flow == Flow::jump ||
            instruction.flow == Flow::branch) {
            const std::uint64_t target =
                next + static_cast<std::uint64_t>(decoded.raw.imm[0].value.s);
            instruction.target = in_text(target) ? target : 0;
        } else {
            if (const auto to = memory_address(decoded, next);
                to && (find_region(data_, *to) != nullptr || in_text(*to)))
                references_.push_back({address, *to,
                                       decoded.mnemonic == ZYDIS_MNEMONIC_LEA
                                           ? Reference::Kind::computed
                                           : Reference::Kind::memory});
            if (decoded.raw.imm[0].size >= 32 &&
                (in_text(decoded.raw.imm[0].value.u) ||
                 find_region(data_, decoded.raw.imm[0].value.u) != nullptr))
                references_.push_back(
                    {address, decoded.raw.imm[0].value.u, Reference::Kind::immediate});
        }
        instructions_.push_back(instruction);
        offset += decoded.length;
    }
}

} // namespace unik::analysis
