// The terminal's looks: whether there is one, colours, and the two streams.
#pragma once

#include <string>
#include <string_view>

#include <support/diagnostic.hpp>

namespace unik::cli {

// Decided once from --no-color, $NO_COLOR, $TERM and whether stderr is a terminal.
void set_no_color();
Colour error_colour();
bool error_is_terminal();
unsigned terminal_width();

// Results for the user or for a program. A reader that went away is no failure; another one is kept
// for output_failure().
void print(std::string_view text);
// The errno of the first write to stdout that failed, or 0.
int output_failure();
// unik's own words: progress, diagnostics.
void print_error(std::string_view text);

// Prints the diagnostics and returns the exit code they lead to.
int report(const Error& error);

// Text in bold, dim or colour where stderr takes colours.
enum class Tint { plain, bold, dim, green, red, yellow, cyan };
std::string tinted(Tint tint, std::string_view text);

// Text that came from outside (a guest, a file) without control characters.
std::string printable(std::string_view text);

// Words wrapped to the width, each line indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

} // namespace unik::cli
