// Well-formed UTF-8, and text from outside made fit for messages.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace unik {

// The length of the well-formed sequence (Unicode 15, table 3-7) at the start of a text that is
// not empty, or 0.
std::size_t utf8_sequence_length(std::string_view text);

// 'text' in quotes for a message: control bytes and bad UTF-8 as '?', the middle of a long one
// left out.
std::string in_quotes(std::string_view text);

} // namespace unik
