// Manual pages in roff (man(7)), from the tables of commands and of Unikfile keys.
#pragma once

#include <string>
#include <string_view>

namespace unik::cli {

// page: "unik", "unik-build", …, "Unikfile". Empty for an unknown page.
std::string manual_page(std::string_view page);

} // namespace unik::cli
