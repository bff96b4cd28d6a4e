// A strict, table-driven reader of YAML into structs. A table of fields says what a mapping may
// hold; an unknown key, a wrong type, a missing key are findings with a place and a hint, and all
// of them are collected. One table also serves the manual page and the JSON schema:
//
//     const YamlField<Language> k_fields[] = {
//         {{.key = "name", .type = "text", .presence = Presence::required},
//         text_into<&Language::name>},
//         {{.key = "tools", .type = "list of text"}, text_list_into<&Language::tools>},
//     };
//     YamlReader reader(document);
//     Language language;
//     reader.read_fields(document.root, std::span(k_fields), language);
//     UNIK_TRY(reader.finish());
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <support/quantity.hpp>
#include <support/result.hpp>
#include <support/yaml.hpp>

namespace unik {

class YamlReader;

enum class Presence { optional, required };

struct YamlFieldInfo {
    std::string_view key;
    std::string_view type; // for people: "text", "size", "list of ports"
    Presence presence = Presence::optional;
    std::string_view fallback{};    // the default, as text; empty: none
    std::string_view description{}; // one to three sentences
    std::string_view example{};     // YAML
};

// What a plain scalar is by the core schema (YAML 1.2.2, 10.3.2). A quoted one is always text.
enum class ScalarType { text, integer, floating, boolean };
ScalarType scalar_type(const YamlNode& node);

// "a number", "a list", "nothing": what a node is, for messages.
std::string describe(const YamlNode& node);

template <typename T>
struct YamlField {
    YamlFieldInfo info;
    void (*read)(YamlReader& reader, const YamlNode& value, T& out) = nullptr;
};

class YamlReader {
public:
    // The document must outlive the reader.
    explicit YamlReader(const YamlDocument& document);

    // Every finding goes through here; after 50 the rest is counted, not kept.
    void report(const YamlNode& node, std::string id, std::string message, std::string hint = {});
    void report_type(const YamlNode& node, std::string_view expected, std::string hint = {});
    // The last word on an unknown key that the keys around it do not resemble: a hint, or empty.
    void suggest_keys_by(std::function<std::string(std::string_view)> suggest);

    // Each reports what is wrong and returns nothing then. A text holds no NUL byte.
    std::optional<std::string> text(const YamlNode& node);
    std::optional<std::string> text_or_number(const YamlNode& node);
    std::optional<std::int64_t> integer(const YamlNode& node, std::int64_t least,
                                        std::int64_t most);
    std::optional<bool> boolean(const YamlNode& node);
    std::optional<Bytes> size(const YamlNode& node);
    // Wrong elements are reported and left out.
    std::vector<std::string> text_list(const YamlNode& node);
    // Keys in source order; values are texts or numbers.
    std::vector<std::pair<std::string, std::string>> text_map(const YamlNode& node);

    // Reads a mapping by its table, in source order.
    template <typename T>
    void read_fields(const YamlNode& node, std::span<const YamlField<T>> fields, T& out) {
        std::vector<YamlFieldInfo> infos;
        for (const YamlField<T>& field : fields)
            infos.push_back(field.info);
        if (!check_keys(node, infos))
            return;
        for (const auto& [key, value] : node.mapping) {
            for (const YamlField<T>& field : fields) {
                if (field.info.key == key.scalar)
                    field.read(*this, value, out);
            }
        }
    }

    SourceSpan span(const YamlNode& node) const { return document_.span(node); }
    bool ok() const { return problems_.empty(); }
    // All findings in source order, the document's own among them, as one Error.
    Result<void> finish();

private:
    bool check_keys(const YamlNode& node, std::span<const YamlFieldInfo> fields);
    std::optional<std::string> checked_text(const YamlNode& node);

    const YamlDocument& document_;
    std::vector<Diagnostic> problems_;
    std::size_t left_out_ = 0;
    std::function<std::string(std::string_view)> suggest_key_;
};

namespace yaml_detail {
template <typename T>
struct MemberOf;
template <typename Owner, typename Value>
struct MemberOf<Value Owner::*> {
    using Type = Owner;
};
template <auto member>
using OwnerOf = typename MemberOf<decltype(member)>::Type;
} // namespace yaml_detail

// Setters for the tables.
template <auto member>
void text_into(YamlReader& reader, const YamlNode& value, yaml_detail::OwnerOf<member>& out) {
    if (auto text = reader.text(value))
        out.*member = std::move(*text);
}

// null is the same as leaving the key out.
template <auto member>
void optional_text_into(YamlReader& reader, const YamlNode& value,
                        yaml_detail::OwnerOf<member>& out) {
    if (value.kind != YamlNode::Kind::null)
        text_into<member>(reader, value, out);
}

template <auto member>
void text_list_into(YamlReader& reader, const YamlNode& value, yaml_detail::OwnerOf<member>& out) {
    out.*member = reader.text_list(value);
}

// For a std::map<std::string, std::string>.
template <auto member>
void text_map_into(YamlReader& reader, const YamlNode& value, yaml_detail::OwnerOf<member>& out) {
    for (auto& [key, text] : reader.text_map(value))
        (out.*member)[std::move(key)] = std::move(text);
}

} // namespace unik
