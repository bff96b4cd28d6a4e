// Feeds the ELF reader with anything: it must answer with a file or an Error, and whatever a parsed
// file hands out must lie inside it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <elf/dynamic_section.hpp>
#include <elf/elf_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto file = unik::elf::ElfFile::parse(unik::ByteVector(data, data + size), "input");
    if (!file.ok())
        return file.error().diagnostics.empty() ? std::abort(), 0 : 0;
    std::size_t sum = 0;
    if (const auto dynamic = unik::elf::read_dynamic_section(*file); dynamic.ok())
        sum += dynamic.value().needed.size() + dynamic.value().runpath.size();
    const auto touch = [&](unik::ByteSpan bytes) {
        if (!bytes.empty())
            sum += static_cast<std::size_t>(bytes.front()) + bytes.back();
    };
    for (const auto& segment : file->segments()) {
        touch(file->content(segment));
        touch(file->content_at(segment.address));
    }
    for (const auto& section : file->sections())
        touch(file->content(section));
    volatile std::size_t sink = sum;
    (void)sink;
    return 0;
}
