// Where things stand in YAML text: places, spans and how much of a scalar is on its first line.
// Part of yaml.cpp's work; nobody else includes it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <support/diagnostic.hpp>

namespace unik::yaml_text {

// The place of a byte in the text, counted from 1.
struct Place {
    std::size_t line = 1;
    std::size_t column = 1;
};

Place place_of_offset(std::string_view text, std::size_t offset);

// The line without its end; empty beyond the text and for line 0.
std::string_view line_of(std::string_view text, std::size_t line);

SourceSpan make_span(const std::string& file, std::string_view text, Place place,
                     std::size_t length);

// What follows the anchor and the tag that may stand before a value.
std::string_view skip_properties(std::string_view rest);

// The length of a quoted scalar with its quotes; npos when it is never closed.
std::size_t quoted_length(std::string_view rest);

// How much of a scalar, written at the start of `rest`, stands on its first line.
std::size_t written_length(std::string_view rest, const std::string& value);

} // namespace unik::yaml_text
