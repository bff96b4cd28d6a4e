// YAML 1.2 by yaml-cpp's event interface. The events are bounded as they come, because a tree that
// is built first and checked later has already eaten the memory: aliases can make a kilobyte of
// text stand for terabytes ("billion laughs"), and brackets can nest until the stack is gone.
#include <support/yaml.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <support/quantity.hpp>
#include <support/utf8.hpp>
#include <support/yaml_text.hpp>

namespace unik {
namespace {

using namespace yaml_text;

constexpr Bytes k_text_limit{1 << 20};
constexpr std::size_t k_depth_limit = 64;
constexpr std::size_t k_node_limit = 100'000;
constexpr std::size_t k_scalar_bytes_limit = 4 << 20;
constexpr std::size_t k_problem_limit = 50;

constexpr std::string_view k_core_tag = "tag:yaml.org,2002:";

// Ends yaml-cpp's parse from within an event; caught in parse_yaml.
struct Refusal {
    Place place;
    std::string id;
    std::string message;
    std::string hint;
};

Place place_of(const YAML::Mark& mark) {
    if (mark.is_null())
        return {0, 0};
    return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

// YAML 1.2.2, 5.1: no control characters but tab and the line ends.
std::optional<Refusal> refuse_binary(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        const std::size_t length = utf8_sequence_length(text.substr(i));
        const bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
        if (length == 0)
            return Refusal{place_of_offset(text, i), "not-text",
                           fmt::format("expected UTF-8 text, found the byte 0x{:02x}", c),
                           "save the file as UTF-8"};
        if (control)
            return Refusal{place_of_offset(text, i), "not-text",
                           fmt::format("expected text, found the control character 0x{:02x}", c),
                           "in a quoted text, write it as an escape, such as \"\\x1b\""};
        i += length;
    }
    return std::nullopt;
}

class TreeBuilder final : public YAML::EventHandler {
public:
    TreeBuilder(const std::string& file, std::string_view text) : file_(file), text_(text) {}

    YamlNode root;
    std::vector<Diagnostic> problems;

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0)
            throw Refusal{place_of(mark), "yaml-syntax",
                          "expected one YAML document, found another",
                          "remove the '---' line and what follows it"};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        YamlNode node = make_node(mark, YamlNode::Kind::null);
        node.length = is_written_null(mark) ? 1 : 0;
        complete(std::move(node), anchor, mark);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end())
            throw Refusal{place_of(mark), "yaml-alias",
                          "expected an alias of a finished value, "
                          "found one that contains itself",
                          "write the value out"};
        YamlNode copy = known->second.node;
        charge(known->second.nodes, known->second.scalar_bytes, mark);
        const YamlNode here = make_node(mark, copy.kind);
        copy.line = here.line;
        copy.column = here.column;
        copy.length = 1;
        place(std::move(copy), mark);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode node = make_node(mark, YamlNode::Kind::scalar);
        charge(0, value.size(), mark);
        check_tag(tag, mark);
        node.quoted = tag == "!" || tag == std::string(k_core_tag) + "str";
        node.scalar = value;
        node.length = written_length(from(mark), value);
        check_closed(mark);
        complete(std::move(node), anchor, mark);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, YamlNode::Kind::sequence);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, YamlNode::Kind::mapping);
    }
    void OnMapEnd() override { close(); }

private:
    // A collection whose end has not come yet.
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor = 0;
        YAML::Mark mark;
        std::optional<YamlNode> key; // of the value that comes next
        bool repeated = false;       // that key was there before: its value is dropped
        std::set<std::string> keys;
        std::size_t nodes_before = 0;
        std::size_t scalar_bytes_before = 0;
    };
    struct Anchored {
        YamlNode node;
        std::size_t nodes = 0;
        std::size_t scalar_bytes = 0;
    };

    std::string_view from(const YAML::Mark& mark) const {
        const auto offset = static_cast<std::size_t>(std::max(mark.pos, 0));
        return offset < text_.size() ? text_.substr(offset) : std::string_view{};
    }

    YamlNode make_node(const YAML::Mark& mark, YamlNode::Kind kind) {
        charge(1, 0, mark);
        const Place where = place_of(mark);
        YamlNode node;
        node.kind = kind;
        node.line = where.line;
        node.column = where.column;
        return node;
    }

    void charge(std::size_t nodes, std::size_t scalar_bytes, const YAML::Mark& mark) {
        nodes_ += nodes;
        scalar_bytes_ += scalar_bytes;
        if (nodes_ > k_node_limit || scalar_bytes_ > k_scalar_bytes_limit)
            throw Refusal{
                place_of(mark), "yaml-too-large",
                fmt::format("expected at most {} values and {} of text, aliases expanded, "
                            "found more",
                            k_node_limit, to_text(Bytes{k_scalar_bytes_limit})),
                "write less, or use fewer aliases"};
    }

    void check_tag(const std::string& tag, const YAML::Mark& mark) const {
        if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with(k_core_tag))
            return;
        throw Refusal{
            place_of(mark), "yaml-tag",
            fmt::format("expected a plain value, found one with the tag {}", in_quotes(tag)),
            "remove the tag"};
    }

    // yaml-cpp takes a quoted scalar that the end of the text cuts after a line end.
    void check_closed(const YAML::Mark& mark) const {
        const std::string_view rest = skip_properties(from(mark));
        if (rest.empty() || (rest[0] != '"' && rest[0] != '\''))
            return;
        if (quoted_length(rest) == std::string_view::npos)
            throw Refusal{place_of(mark), "yaml-syntax",
                          "expected a closing quote, found the end of the file",
                          "close the text that starts here"};
    }

    // "~" and "null" stand in the text; a value that is simply absent does not.
    bool is_written_null(const YAML::Mark& mark) const {
        const std::string_view rest = from(mark);
        for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
            if (!rest.starts_with(word))
                continue;
            const std::string_view after = rest.substr(word.size());
            return after.empty() ||
                   std::string_view(" \t\r\n,]}").find(after[0]) != std::string_view::npos;
        }
        return false;
    }

    bool expects_key() const {
        return !open_.empty() && open_.back().node.kind == YamlNode::Kind::mapping &&
               !open_.back().key;
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
              YamlNode::Kind kind) {
        check_tag(tag, mark);
        if (expects_key())
            throw Refusal{place_of(mark), "yaml-key", "expected a text as key, found a collection",
                          "quote the key if it is meant as text"};
        if (open_.size() >= k_depth_limit)
            throw Refusal{place_of(mark), "yaml-too-deep",
                          fmt::format("expected at most {} levels, found more", k_depth_limit), ""};
        Open next;
        next.nodes_before = nodes_;
        next.scalar_bytes_before = scalar_bytes_;
        next.node = make_node(mark, kind);
        next.node.length = 1;
        next.anchor = anchor;
        next.mark = mark;
        open_.push_back(std::move(next));
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        remember(done.anchor, done.node, nodes_ - done.nodes_before,
                 scalar_bytes_ - done.scalar_bytes_before, done.mark);
        place(std::move(done.node), done.mark);
    }

    void complete(YamlNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
        remember(anchor, node, 1, node.scalar.size(), mark);
        place(std::move(node), mark);
    }

    // The copy is charged like an alias: nested anchors must not multiply the memory either.
    void remember(YAML::anchor_t anchor, const YamlNode& node, std::size_t nodes,
                  std::size_t scalar_bytes, const YAML::Mark& mark) {
        if (anchor == 0)
            return;
        charge(nodes, scalar_bytes, mark);
        anchors_[anchor] = Anchored{node, nodes, scalar_bytes};
    }

    void place(YamlNode node, const YAML::Mark& mark) {
        if (open_.empty()) {
            root = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == YamlNode::Kind::sequence)
            parent.node.sequence.push_back(std::move(node));
        else if (!parent.key)
            place_key(parent, std::move(node), mark);
        else
            place_value(parent, std::move(node));
    }

    void place_key(Open& parent, YamlNode node, const YAML::Mark& mark) {
        if (node.kind != YamlNode::Kind::scalar)
            throw Refusal{place_of(mark), "yaml-key",
                          "expected a text as key, found something else",
                          "quote the key if it is meant as text"};
        parent.repeated = !parent.keys.insert(node.scalar).second;
        if (parent.repeated && problems.size() < k_problem_limit) {
            Diagnostic problem;
            problem.id = "repeated-key";
            problem.message = fmt::format("the key {} is given twice", in_quotes(node.scalar));
            problem.hint = "keep one of them";
            problem.where = make_span(file_, text_, {node.line, node.column}, node.length);
            problems.push_back(std::move(problem));
        }
        parent.key = std::move(node);
    }

    void place_value(Open& parent, YamlNode node) {
        // The parser places an absent value at the next token, which may be far away.
        if (node.kind == YamlNode::Kind::null && node.length == 0) {
            node.line = parent.key->line;
            node.column = parent.key->column;
            node.length = parent.key->length;
        }
        if (!parent.repeated)
            parent.node.mapping.push_back({std::move(*parent.key), std::move(node)});
        parent.key.reset();
    }

    const std::string& file_;
    std::string_view text_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Anchored> anchors_;
    std::size_t documents_ = 0;
    std::size_t nodes_ = 0;
    std::size_t scalar_bytes_ = 0;
};

Error to_error(const std::string& file, std::string_view text, const Refusal& refusal) {
    Error error = make_error(refusal.id, refusal.message, refusal.hint);
    error.diagnostics[0].where = make_span(file, text, refusal.place, 1);
    return error;
}

Refusal from_library(const YAML::Exception& exception, std::string_view text) {
    const Place place = place_of(exception.mark);
    const std::string_view line = line_of(text, place.line);
    const std::string_view indent = line.substr(0, line.find_first_not_of(" \t"));
    const bool tab = indent.find('\t') != std::string_view::npos;
    return {place, "yaml-syntax", fmt::format("expected YAML, found a mistake: {}", exception.msg),
            tab ? "indent with blanks, not with tabs"
                : "check the indentation, and that every quote and bracket is closed"};
}

} // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const auto& [name, value] : mapping) {
        if (name.scalar == key)
            return &value;
    }
    return nullptr;
}

SourceSpan YamlDocument::span(const YamlNode& node) const {
    return make_span(file, text, {node.line, node.column}, node.length);
}

Diagnostic YamlDocument::error_at(const YamlNode& node, std::string id, std::string message,
                                  std::string hint) const {
    Diagnostic diagnostic;
    diagnostic.id = std::move(id);
    diagnostic.message = std::move(message);
    diagnostic.hint = std::move(hint);
    diagnostic.where = span(node);
    return diagnostic;
}

Result<YamlDocument> parse_yaml(std::string file, std::string text) {
    if (text.size() > k_text_limit.value)
        return to_error(file, {},
                        {{0, 0},
                         "file-too-large",
                         fmt::format("expected at most {} bytes of text, found {}",
                                     k_text_limit.value, text.size()),
                         ""});
    if (text.starts_with("\xef\xbb\xbf"))
        text.erase(0, 3);
    if (const auto refusal = refuse_binary(text))
        return to_error(file, text, *refusal);

    YamlDocument document;
    document.file = std::move(file);
    document.text = std::move(text);
    TreeBuilder builder(document.file, document.text);
    try {
        std::istringstream stream(document.text);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {}
    } catch (const Refusal& refusal) {
        return to_error(document.file, document.text, refusal);
    } catch (const YAML::Exception& exception) {
        return to_error(document.file, document.text, from_library(exception, document.text));
    }
    document.root = std::move(builder.root);
    document.problems = std::move(builder.problems);
    return document;
}

} // namespace unik
