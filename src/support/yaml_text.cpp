#include <support/yaml_text.hpp>

#include <algorithm>

namespace unik::yaml_text {
std::size_t quoted_length(std::string_view rest) {
    const char quote = rest[0];
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\' && quote == '"')
            ++i;
        else if (rest[i] == quote && quote == '\'' && rest.substr(i + 1).starts_with(quote))
            ++i;
        else if (rest[i] == quote)
            return i + 1;
    }
    return std::string_view::npos;
}

Place place_of_offset(std::string_view text, std::size_t offset) {
    Place place;
    for (std::size_t i = 0; i < offset; ++i) {
        if (text[i] == '\n')
            place = {place.line + 1, 1};
        else
            ++place.column;
    }
    return place;
}

std::string_view line_of(std::string_view text, std::size_t line) {
    if (line == 0)
        return {};
    std::size_t start = 0;
    for (std::size_t i = 1; i < line; ++i) {
        const std::size_t end = text.find('\n', start);
        if (end == std::string_view::npos)
            return {};
        start = end + 1;
    }
    std::string_view found = text.substr(start, text.find('\n', start) - start);
    if (found.ends_with('\r'))
        found.remove_suffix(1);
    return found;
}

SourceSpan make_span(const std::string& file, std::string_view text, Place place,
                     std::size_t length) {
    SourceSpan span;
    span.file = file;
    span.line = place.line;
    span.line_text = line_of(text, place.line);
    span.column = std::min(place.column, span.line_text.size() + 1);
    span.length = std::max<std::size_t>(length, place.line == 0 ? 0 : 1);
    return span;
}

std::string_view skip_properties(std::string_view rest) {
    while (rest.starts_with('&') || rest.starts_with('!')) {
        rest.remove_prefix(std::min(rest.find_first_of(" \t\r\n"), rest.size()));
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    }
    return rest;
}

std::size_t written_length(std::string_view rest, const std::string& value) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.starts_with('"') || line.starts_with('\''))
        return std::min(quoted_length(rest), line.size());
    if (!value.empty() && line.starts_with(value))
        return value.size();
    return std::max<std::size_t>(std::min(line.find_first_of(" \t\r"), line.size()), 1);
}

} // namespace unik::yaml_text
