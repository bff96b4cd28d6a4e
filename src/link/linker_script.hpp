// The linker script of one image: the layout of its memory, and the tables of image_layout.hpp.
#pragma once

#include <string>

#include <link/image_data.hpp>
#include <link/kernel.hpp>

namespace unik::link {

inline constexpr std::uint64_t k_kernel_base = 0xffff'ffff'8000'0000; // virtual minus physical

// The parts of a component that the script marks, so that sizes can be told afterwards.
inline constexpr const char* k_parts[] = {"text", "rodata", "data", "bss"};
// The symbol before component `index` in a part; after the last one it is numbered one higher.
std::string part_mark(const char* part, std::size_t index);

// Puts the tables' strings into the pool.
std::string write_linker_script(const LinkInput& input, StringPool& strings,
                                std::size_t configuration_size);

} // namespace unik::link
