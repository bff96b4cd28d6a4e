#include <support/yaml_reader.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <support/text.hpp>
#include <support/utf8.hpp>

namespace unik {
namespace {

constexpr std::size_t k_problem_limit = 50;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_of(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_integer(std::string_view text) {
    if (text.starts_with("0o"))
        return all_of(text.substr(2), "01234567");
    if (text.starts_with("0x"))
        return all_of(text.substr(2), "0123456789abcdefABCDEF");
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    return all_of(text, "0123456789");
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, infinity and not-a-number.
bool is_floating(std::string_view text) {
    for (const std::string_view special : {".nan", ".NaN", ".NAN"}) {
        if (text == special)
            return true;
    }
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    for (const std::string_view special : {".inf", ".Inf", ".INF"}) {
        if (text == special)
            return true;
    }
    const auto skip_digits = [&] {
        const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
        const auto count = static_cast<std::size_t>(end - text.begin());
        text.remove_prefix(count);
        return count;
    };
    const std::size_t whole = skip_digits();
    std::size_t fraction = 0;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = skip_digits();
    }
    if (whole + fraction == 0)
        return false;
    if (!text.starts_with('e') && !text.starts_with('E'))
        return text.empty();
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    return skip_digits() > 0 && text.empty();
}

bool is_boolean(std::string_view text) {
    for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
        if (text == word)
            return true;
    }
    return false;
}

std::string quoting_hint(const YamlNode& node) {
    return fmt::format("quote it if it is meant as text: \"{}\"", node.scalar);
}

bool before(const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
}

} // namespace

ScalarType scalar_type(const YamlNode& node) {
    if (node.quoted)
        return ScalarType::text;
    if (is_boolean(node.scalar))
        return ScalarType::boolean;
    if (is_integer(node.scalar))
        return ScalarType::integer;
    return is_floating(node.scalar) ? ScalarType::floating : ScalarType::text;
}

std::string describe(const YamlNode& node) {
    switch (node.kind) {
    case YamlNode::Kind::null: return "nothing";
    case YamlNode::Kind::sequence: return "a list";
    case YamlNode::Kind::mapping: return "a mapping";
    case YamlNode::Kind::scalar: break;
    }
    switch (scalar_type(node)) {
    case ScalarType::boolean: return fmt::format("the truth value {}", node.scalar);
    case ScalarType::integer:
    case ScalarType::floating: return fmt::format("the number {}", node.scalar.substr(0, 40));
    case ScalarType::text: break;
    }
    return fmt::format("the text {}", in_quotes(node.scalar));
}

YamlReader::YamlReader(const YamlDocument& document)
    : document_(document), problems_(document.problems) {}

void YamlReader::report(const YamlNode& node, std::string id, std::string message,
                        std::string hint) {
    if (problems_.size() >= k_problem_limit) {
        ++left_out_;
        return;
    }
    problems_.push_back(
        document_.error_at(node, std::move(id), std::move(message), std::move(hint)));
}

void YamlReader::report_type(const YamlNode& node, std::string_view expected, std::string hint) {
    report(node, "wrong-type", fmt::format("expected {}, found {}", expected, describe(node)),
           std::move(hint));
}

void YamlReader::suggest_keys_by(std::function<std::string(std::string_view)> suggest) {
    suggest_key_ = std::move(suggest);
}

// The configuration of an image and the arguments of programs end at a NUL byte; YAML can write one
// as an escape.
std::optional<std::string> YamlReader::checked_text(const YamlNode& node) {
    if (node.scalar.find('\0') == std::string::npos)
        return node.scalar;
    report(node, "invalid-text", "expected a text, found one that holds a NUL byte",
           "remove the escape '\\0'");
    return std::nullopt;
}

std::optional<std::string> YamlReader::text(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar && scalar_type(node) == ScalarType::text)
        return checked_text(node);
    report_type(node, "a text",
                node.kind == YamlNode::Kind::scalar ? quoting_hint(node) : std::string());
    return std::nullopt;
}

std::optional<std::string> YamlReader::text_or_number(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar && scalar_type(node) != ScalarType::boolean)
        return checked_text(node);
    report_type(node, "a text or a number",
                node.kind == YamlNode::Kind::scalar ? quoting_hint(node) : std::string());
    return std::nullopt;
}

std::optional<std::int64_t> YamlReader::integer(const YamlNode& node, std::int64_t least,
                                                std::int64_t most) {
    const std::string expected = fmt::format("a number from {} to {}", least, most);
    std::int64_t number = 0;
    const char* end = node.scalar.data() + node.scalar.size();
    if (node.kind != YamlNode::Kind::scalar || scalar_type(node) != ScalarType::integer) {
        report_type(node, expected);
        return std::nullopt;
    }
    const auto [rest, status] = std::from_chars(node.scalar.data(), end, number);
    if (status == std::errc{} && rest == end && number >= least && number <= most)
        return number;
    report(node, "out-of-range", fmt::format("expected {}, found {}", expected, describe(node)));
    return std::nullopt;
}

std::optional<bool> YamlReader::boolean(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar && scalar_type(node) == ScalarType::boolean)
        return node.scalar[0] == 't' || node.scalar[0] == 'T';
    report_type(node, "true or false");
    return std::nullopt;
}

std::optional<Bytes> YamlReader::size(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar || scalar_type(node) == ScalarType::boolean) {
        report_type(node, "a size", "write a number with a unit, such as 64M");
        return std::nullopt;
    }
    const auto bytes = parse_bytes(node.scalar);
    if (!bytes)
        report(node, "bad-size", fmt::format("expected a size, found {}", describe(node)),
               "write a whole number with a unit: 512K, 64M or 1G");
    return bytes;
}

std::vector<std::string> YamlReader::text_list(const YamlNode& node) {
    std::vector<std::string> out;
    if (node.kind != YamlNode::Kind::sequence) {
        report_type(node, "a list of texts",
                    node.kind == YamlNode::Kind::scalar
                        ? "write one element per line, each after '- '"
                        : "");
        return out;
    }
    for (const YamlNode& element : node.sequence) {
        if (auto value = text(element))
            out.push_back(std::move(*value));
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> YamlReader::text_map(const YamlNode& node) {
    std::vector<std::pair<std::string, std::string>> out;
    if (node.kind != YamlNode::Kind::mapping) {
        report_type(node, "a mapping from names to texts");
        return out;
    }
    for (const auto& [key, value] : node.mapping) {
        const auto name = checked_text(key);
        auto content = text_or_number(value);
        if (name && content)
            out.emplace_back(*name, std::move(*content));
    }
    return out;
}

bool YamlReader::check_keys(const YamlNode& node, std::span<const YamlFieldInfo> fields) {
    std::vector<std::string> known;
    for (const YamlFieldInfo& field : fields)
        known.emplace_back(field.key);
    if (node.kind != YamlNode::Kind::mapping) {
        report_type(node, "a mapping", fmt::format("the keys here are {}", listing(known)));
        return false;
    }
    for (const auto& [key, value] : node.mapping) {
        if (std::find(known.begin(), known.end(), key.scalar) != known.end())
            continue;
        std::string suggestion = did_you_mean(key.scalar, known);
        if (suggestion.empty() && suggest_key_)
            suggestion = suggest_key_(key.scalar);
        report(key, "unknown-key", fmt::format("unknown key {}", in_quotes(key.scalar)),
               suggestion.empty() ? fmt::format("the keys here are {}", listing(known))
                                  : suggestion);
    }
    for (const YamlFieldInfo& field : fields) {
        if (field.presence == Presence::required && node.find(field.key) == nullptr)
            report(node, "missing-key", fmt::format("the key '{}' is missing", field.key),
                   field.example.empty() ? std::string()
                                         : fmt::format("add '{}: {}'", field.key, field.example));
    }
    return true;
}

Result<void> YamlReader::finish() {
    if (problems_.empty())
        return {};
    std::stable_sort(problems_.begin(), problems_.end(), before);
    Error error;
    error.diagnostics = std::move(problems_);
    if (left_out_ > 0)
        error.diagnostics.back().notes.push_back(
            fmt::format("{} more problems are not shown", left_out_));
    problems_.clear();
    return error;
}

} // namespace unik
