#include <support/diagnostic.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace unik {
namespace {

struct Style {
    const char* on;
    const char* off;
};

Style style(Colour colour, const char* code) {
    return colour == Colour::on ? Style{code, "\033[0m"} : Style{"", ""};
}

const char* name_of(Severity severity) {
    switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: return "note";
    }
    return "error";
}

const char* colour_of(Severity severity) {
    switch (severity) {
    case Severity::error: return "\033[1;31m";
    case Severity::warning: return "\033[1;33m";
    case Severity::note: return "\033[1;36m";
    }
    return "";
}

std::string place(const SourceSpan& where) {
    if (where.file.empty())
        return {};
    if (where.line == 0)
        return where.file + ": ";
    if (where.column == 0)
        return fmt::format("{}:{}: ", where.file, where.line);
    return fmt::format("{}:{}:{}: ", where.file, where.line, where.column);
}

// Control bytes of a hostile file or of its name must not reach the terminal; tabs keep the carets
// aligned as one blank each.
std::string printable(const std::string& text) {
    std::string out = text;
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\t')
            c = ' ';
        else if (byte < 0x20 || byte == 0x7f)
            c = '?';
    }
    return out;
}

std::string carets(std::size_t length) {
    return "^" + std::string(length > 1 ? length - 1 : 0, '~');
}

// A long line is shown as the part around the column.
std::string excerpt(const SourceSpan& where, Colour colour) {
    constexpr std::size_t k_width = 96;
    if (where.line_text.empty() || where.line == 0)
        return {};
    const std::size_t column = std::max<std::size_t>(where.column, 1);
    const std::size_t start =
        column > k_width ? std::min(column - k_width / 2, where.line_text.size()) : 0;
    const std::string line = printable(where.line_text.substr(start, k_width));
    std::string out = fmt::format("  {} | {}\n", where.line, line);
    if (where.column == 0 || where.length == 0)
        return out;
    const std::size_t indent = column - 1 - start;
    const std::size_t room = line.size() > indent ? line.size() - indent : 1;
    const Style s = style(colour, "\033[1;32m");
    const std::string gutter(fmt::formatted_size("{}", where.line), ' ');
    return out + fmt::format("  {} | {}{}{}{}\n", gutter, std::string(indent, ' '), s.on,
                             carets(std::min(where.length, room)), s.off);
}

// A note of several lines, such as a command with a script, stays one block.
std::string indented(const std::string& note) {
    std::string out;
    for (const char c : note)
        out += c == '\n' ? std::string("\n    ") : printable(std::string(1, c));
    return out;
}

} // namespace

Error make_error(std::string id, std::string message, std::string hint, ExitCode exit_code) {
    Diagnostic diagnostic;
    diagnostic.id = std::move(id);
    diagnostic.message = std::move(message);
    diagnostic.hint = std::move(hint);
    return Error{{std::move(diagnostic)}, exit_code};
}

std::string to_text(const Diagnostic& diagnostic, Colour colour) {
    const Style severity = style(colour, colour_of(diagnostic.severity));
    const Style hint = style(colour, "\033[1;36m");
    std::string out =
        fmt::format("{}{}{}:{} {}", place(diagnostic.where), severity.on,
                    name_of(diagnostic.severity), severity.off, printable(diagnostic.message));
    if (!diagnostic.id.empty())
        out += fmt::format(" [{}]", diagnostic.id);
    out += '\n';
    out += excerpt(diagnostic.where, colour);
    for (const std::string& note : diagnostic.notes)
        out += fmt::format("  {}\n", indented(note));
    if (!diagnostic.hint.empty())
        out += fmt::format("  {}hint:{} {}\n", hint.on, hint.off, printable(diagnostic.hint));
    return out;
}

std::string to_text(const Error& error, Colour colour) {
    std::string out;
    for (const Diagnostic& diagnostic : error.diagnostics)
        out += to_text(diagnostic, colour);
    return out;
}

} // namespace unik
