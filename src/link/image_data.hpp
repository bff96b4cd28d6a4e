// What goes into the kernel beside code: the application's segments, its files, its configuration,
// and the strings of the tables, as one relocatable object for the linker.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <elf/elf_file.hpp>
#include <link/kernel.hpp>
#include <support/file.hpp>

namespace unik::link {

inline constexpr char k_data_object[] = "image.data.o"; // no component's name has a dot
inline constexpr char k_strings_section[] = ".unik.strings";
inline constexpr char k_configuration_section[] = ".unik.configuration";
inline constexpr char k_syscall_names_section[] = ".unik.syscalls";
inline constexpr char k_root_section[] = ".unik.root";
inline constexpr char k_segment_section[] = ".unik.app."; // and a number

// NUL-terminated strings, each once, by their offset.
class StringPool {
public:
    std::uint64_t offset_of(const std::string& text);
    ByteSpan bytes() const { return bytes_; }

private:
    ByteVector bytes_;
    std::map<std::string, std::uint64_t> offsets_;
};

// The records of boot_configuration.hpp.
ByteVector configuration_records(const unikfile::Manifest& manifest);

// unik_syscall_names of image_layout.hpp.
struct SyscallNames {
    ByteVector bytes;
    std::uint32_t provider_count = 0;
    std::uint32_t name_count = 0;
};
SyscallNames syscall_names(const components::Selection& selection);

// The application's PT_LOAD segments, ascending.
std::vector<elf::Segment> loaded_segments(const elf::ElfFile& executable);

// Where the program headers lie in the program's memory, as AT_PHDR says; 0 when they are not
// loaded.
std::uint64_t program_header_address(const elf::ElfFile& executable);

ByteVector make_data_object(const LinkInput& input, const StringPool& strings,
                            const ByteVector& configuration);

} // namespace unik::link
