#include <unikfile/values.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include <support/text.hpp>
#include <support/utf8.hpp>
#include <unikfile/paths.hpp>

namespace unik::unikfile {
namespace {

constexpr std::string_view k_lower_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view k_digits = "0123456789";

bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return std::any_of(sets.begin(), sets.end(), [&](std::string_view set) {
            return set.find(c) != std::string_view::npos;
        });
    });
}

// The names of images in the container world: runs of lower-case letters and digits, between them
// one ".", one or two "_", or any number of "-".
bool is_image_name(std::string_view text) {
    if (text.empty() || !consists_of(text, {k_lower_and_digits, "._-"}))
        return false;
    std::size_t i = 0;
    while (i < text.size()) {
        const std::size_t run = text.find_first_not_of(k_lower_and_digits, i);
        if (run == i)
            return false;
        if (run == std::string_view::npos)
            return true;
        const std::size_t next = std::min(text.find_first_of(k_lower_and_digits, run), text.size());
        const std::string_view separator = text.substr(run, next - run);
        if (separator != "." && separator != "_" && separator != "__" &&
            !consists_of(separator, {"-"}))
            return false;
        i = next;
        if (i == text.size())
            return false;
    }
    return false;
}

bool is_variable_name(std::string_view text) {
    return !text.empty() && consists_of(text, {k_letters, k_digits, "_"}) &&
           k_digits.find(text[0]) == std::string_view::npos;
}

std::string as_image_name(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, k_name_limit)) {
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (k_lower_and_digits.find(low) != std::string_view::npos)
            out += low;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    while (!out.empty() && out.back() == '-')
        out.pop_back();
    return out;
}

template <typename Value>
std::optional<std::string> report_path(YamlReader& reader, const YamlNode& node, Value result) {
    if (result.ok())
        return std::move(result).value();
    const PathProblem& problem = result.error();
    reader.report(node, problem.id, problem.message, problem.hint);
    return std::nullopt;
}

struct PortText {
    std::string_view number;
    std::string_view protocol;
};

std::optional<Port> parse_port(PortText text) {
    Port port;
    const char* end = text.number.data() + text.number.size();
    const auto [rest, status] = std::from_chars(text.number.data(), end, port.number);
    if (status != std::errc{} || rest != end || port.number == 0)
        return std::nullopt;
    if (text.protocol == "udp")
        port.protocol = Protocol::udp;
    else if (text.protocol != "tcp")
        return std::nullopt;
    return port;
}

std::string port_hint(std::string_view text) {
    if (text.find(':') != std::string_view::npos)
        return "ports of the host are chosen when the image runs: unik run -p HOST:GUEST";
    if (text.find('-') != std::string_view::npos && !text.starts_with('-'))
        return "ranges are not supported: list each port";
    return "write a number from 1 to 65535, with /udp behind it where it is not TCP";
}

std::optional<Port> read_port(YamlReader& reader, const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar || scalar_type(node) == ScalarType::boolean) {
        reader.report_type(node, "a port such as 8080 or \"53/udp\"");
        return std::nullopt;
    }
    const std::string_view text = node.scalar;
    const std::size_t slash = text.find('/');
    const PortText parts{text.substr(0, slash),
                         slash == std::string_view::npos ? "tcp" : text.substr(slash + 1)};
    const auto port = parse_port(parts);
    if (!port)
        reader.report(node, "bad-port", fmt::format("expected a port, found {}", in_quotes(text)),
                      port_hint(text));
    return port;
}

void add_variable(YamlReader& reader, const YamlNode& node, std::string name, std::string value,
                  Variables& out) {
    if (!is_variable_name(name)) {
        reader.report(node, "bad-variable",
                      fmt::format("expected the name of a variable, found {}", in_quotes(name)),
                      "use letters, digits and '_', not starting with a digit");
        return;
    }
    const auto same = [&](const auto& variable) { return variable.first == name; };
    if (std::any_of(out.begin(), out.end(), same)) {
        reader.report(node, "repeated-key",
                      fmt::format("the variable {} is set twice", in_quotes(name)),
                      "keep one of them");
        return;
    }
    out.emplace_back(std::move(name), std::move(value));
}

void read_variable(YamlReader& reader, const YamlNode& node, Variables& out) {
    auto text = reader.text(node);
    if (!text)
        return;
    const std::size_t equals = text->find('=');
    if (equals == std::string::npos) {
        reader.report(node, "bad-variable",
                      fmt::format("expected NAME=VALUE, found {}", in_quotes(*text)),
                      "nothing is taken from the host: write the value, or give it at run time "
                      "with unik run -e");
        return;
    }
    add_variable(reader, node, text->substr(0, equals), text->substr(equals + 1), out);
}

} // namespace

std::optional<std::string> read_image_name(YamlReader& reader, const YamlNode& node) {
    auto name = reader.text(node);
    if (!name || (is_image_name(*name) && name->size() <= k_name_limit))
        return name;
    const std::string better = as_image_name(*name);
    reader.report(node, "bad-name",
                  fmt::format("expected a name of at most {} lower-case letters, digits, '.', '_' "
                              "and '-', found {}",
                              k_name_limit, in_quotes(*name)),
                  better.empty() ? std::string() : fmt::format("write {}", better));
    return std::nullopt;
}

std::optional<std::string> read_version(YamlReader& reader, const YamlNode& node) {
    auto version = reader.text_or_number(node);
    if (!version)
        return version;
    if (!version->empty() && version->size() <= k_version_limit &&
        consists_of(*version, {k_letters, k_digits, "._-"}) && version->front() != '.' &&
        version->front() != '-')
        return version;
    reader.report(node, "bad-version",
                  fmt::format("expected a version of at most {} letters, digits, '.', '_' and '-', "
                              "found {}",
                              k_version_limit, in_quotes(*version)),
                  "write it as 1.0.0");
    return std::nullopt;
}

std::optional<std::string> read_base(YamlReader& reader, const YamlNode& node) {
    struct Base {
        std::string_view name;
        bool available;
    };
    constexpr std::array k_bases{Base{"library-os", true}, Base{"linux", false},
                                 Base{"foreign", false}};
    auto base = reader.text(node);
    if (!base)
        return base;
    std::vector<std::string> names;
    for (const Base& known : k_bases) {
        names.emplace_back(known.name);
        if (known.name != *base)
            continue;
        if (known.available)
            return base;
        reader.report(node, "unavailable-base",
                      fmt::format("the base {} is not available in this version", in_quotes(*base)),
                      "use library-os, or leave the key out");
        return std::nullopt;
    }
    const std::string suggestion = did_you_mean(*base, names);
    reader.report(node, "unknown-base", fmt::format("unknown base {}", in_quotes(*base)),
                  suggestion.empty() ? "use library-os, or leave the key out" : suggestion);
    return std::nullopt;
}

std::optional<std::string> read_reference(YamlReader& reader, const YamlNode& node,
                                          Qualified qualified) {
    const auto is_name = [](std::string_view text) {
        return !text.empty() && text.size() <= k_name_limit &&
               consists_of(text, {k_lower_and_digits, "._+-"});
    };
    auto name = reader.text(node);
    if (!name)
        return name;
    const std::size_t colon = qualified == Qualified::yes ? name->find(':') : std::string::npos;
    if (is_name(std::string_view(*name).substr(0, colon)) &&
        (colon == std::string::npos || is_name(std::string_view(*name).substr(colon + 1))))
        return name;
    reader.report(node, "bad-name", fmt::format("expected a name, found {}", in_quotes(*name)),
                  "names are lower-case letters, digits, '.', '_', '+' and '-'");
    return std::nullopt;
}

std::vector<std::string> read_references(YamlReader& reader, const YamlNode& node,
                                         Qualified qualified) {
    std::vector<std::string> out;
    if (node.kind != YamlNode::Kind::sequence) {
        reader.report_type(node, "a list of names",
                           node.kind == YamlNode::Kind::scalar
                               ? fmt::format("write [{}]", node.scalar.substr(0, k_name_limit))
                               : std::string());
        return out;
    }
    for (const YamlNode& element : node.sequence) {
        auto name = read_reference(reader, element, qualified);
        if (!name)
            continue;
        if (std::find(out.begin(), out.end(), *name) != out.end())
            reader.report(element, "repeated-name",
                          fmt::format("the name {} is given twice", in_quotes(*name)),
                          "keep one of them");
        else
            out.push_back(std::move(*name));
    }
    return out;
}

std::optional<std::string> read_command(YamlReader& reader, const YamlNode& node) {
    if (node.kind == YamlNode::Kind::sequence) {
        reader.report_type(node, "one shell command as a text",
                           "join the commands with '&&', or write a block with '|'");
        return std::nullopt;
    }
    auto command = reader.text(node);
    if (command && command->find_first_not_of(" \t\n") == std::string::npos) {
        reader.report(node, "bad-command", "expected a shell command, found an empty text",
                      "leave the key out to let the language's recipe build");
        return std::nullopt;
    }
    return command;
}

std::vector<std::string> read_arguments(YamlReader& reader, const YamlNode& node) {
    std::vector<std::string> out;
    if (node.kind != YamlNode::Kind::sequence) {
        reader.report_type(node, "a list of arguments",
                           "write one per element, such as [\"--port\", \"8080\"]: no shell takes "
                           "them apart");
        return out;
    }
    for (const YamlNode& element : node.sequence) {
        if (auto argument = reader.text_or_number(element))
            out.push_back(std::move(*argument));
    }
    return out;
}

Variables read_variables(YamlReader& reader, const YamlNode& node) {
    Variables out;
    if (node.kind == YamlNode::Kind::sequence) {
        for (const YamlNode& element : node.sequence)
            read_variable(reader, element, out);
        return out;
    }
    if (node.kind != YamlNode::Kind::mapping) {
        reader.report_type(node, "a mapping from names to values, or a list of NAME=VALUE");
        return out;
    }
    for (const auto& [key, value] : node.mapping) {
        if (value.kind == YamlNode::Kind::null) {
            reader.report_type(value, fmt::format("a value for {}", in_quotes(key.scalar)),
                               "write \"\" for an empty one; nothing is taken from the host");
            continue;
        }
        if (auto content = reader.text_or_number(value))
            add_variable(reader, key, key.scalar, std::move(*content), out);
    }
    return out;
}

std::optional<std::string> read_project_path(YamlReader& reader, const YamlNode& node) {
    const auto text = reader.text_or_number(node);
    if (!text)
        return std::nullopt;
    return report_path(reader, node, normalise_project_path(*text));
}

std::optional<std::string> read_image_path(YamlReader& reader, const YamlNode& node) {
    const auto text = reader.text(node);
    if (!text)
        return std::nullopt;
    return report_path(reader, node, normalise_image_path(*text));
}

std::optional<unsigned> read_mode(YamlReader& reader, const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar) {
        reader.report_type(node, "permission bits such as \"0644\"");
        return std::nullopt;
    }
    std::string_view digits = node.scalar;
    if (digits.starts_with("0o"))
        digits.remove_prefix(2);
    else if (digits.size() == 5 && digits.starts_with('0'))
        digits.remove_prefix(1);
    if ((digits.size() == 3 || digits.size() == 4) && consists_of(digits, {"01234567"})) {
        unsigned mode = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), mode, 8);
        return mode;
    }
    reader.report(node, "bad-mode",
                  fmt::format("expected permission bits in octal, found {}", describe(node)),
                  "write three or four digits from 0 to 7, such as \"0644\"");
    return std::nullopt;
}

std::vector<Port> read_ports(YamlReader& reader, const YamlNode& node) {
    std::vector<Port> out;
    if (node.kind != YamlNode::Kind::sequence) {
        reader.report_type(node, "a list of ports", "write them as [8080, \"53/udp\"]");
        return out;
    }
    for (const YamlNode& element : node.sequence) {
        const auto port = read_port(reader, element);
        if (!port)
            continue;
        if (std::find(out.begin(), out.end(), *port) != out.end())
            reader.report(element, "repeated-port",
                          fmt::format("the port {} is given twice", port->number),
                          "keep one of them");
        else
            out.push_back(*port);
    }
    return out;
}

// What is no path is told when it is opened, by a message that does not repeat it: it may be a key.
std::optional<std::string> read_secret_source(YamlReader& reader, const YamlNode& node) {
    auto text = reader.text(node);
    if (!text || !text->empty())
        return text;
    reader.report_type(node, "a path or env:NAME", "leave the key out where nothing is signed");
    return std::nullopt;
}

std::optional<Bytes> read_size(YamlReader& reader, const YamlNode& node) {
    const auto size = reader.size(node);
    if (!size || (*size >= k_least_size && *size <= k_most_size))
        return size;
    reader.report(node, "out-of-range",
                  fmt::format("expected from {} to {}, found {}", to_text(k_least_size),
                              to_text(k_most_size), to_text(*size)),
                  *size < k_least_size ? "without a unit the number counts bytes: write 64M for "
                                         "64 MiB"
                                       : "");
    return std::nullopt;
}

std::map<std::string, std::string> read_labels(YamlReader& reader, const YamlNode& node) {
    std::map<std::string, std::string> out;
    for (auto& [key, value] : reader.text_map(node)) {
        if (key.empty())
            reader.report(node, "bad-name", "expected the name of a label, found an empty text");
        else
            out[key] = std::move(value);
    }
    return out;
}

} // namespace unik::unikfile
