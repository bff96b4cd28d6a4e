// The tables of image_layout.hpp as statements of the linker script, which knows the addresses.
#pragma once

#include <string>

#include <link/image_data.hpp>
#include <link/kernel.hpp>

namespace unik::link {

struct ImageTables {
    std::string statements;           // for the read-only data
    std::vector<std::string> symbols; // the functions that the tables name: roots of the link
};

ImageTables write_tables(const LinkInput& input, StringPool& strings,
                         std::size_t configuration_size);

} // namespace unik::link
