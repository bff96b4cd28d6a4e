// Writes a relocatable x86-64 ELF object (ET_REL) that holds data and nothing else: this is how
// the application's segments and files reach the final link. Same input, same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::elf {

enum class Access { read_only, writable };
enum class Binding { local, global };

struct DataSection {
    std::string name;
    ByteSpan bytes;
    std::uint64_t alignment = 1; // a power of two
    Access access = Access::read_only;
};

struct DataSymbol {
    static constexpr int absolute = -1;

    std::string name;
    int section = absolute;  // index into ObjectContent::sections
    std::uint64_t value = 0; // offset in the section, or the absolute value
    std::uint64_t size = 0;
    std::uint8_t type = 0; // STT_FUNC 2, STT_OBJECT 1
    Binding binding = Binding::local;
};

struct ObjectContent {
    std::vector<DataSection> sections;
    std::vector<DataSymbol> symbols;
};

ByteVector write_object(const ObjectContent& content);

} // namespace unik::elf
