// YAML as data with positions: a tree in which each node knows its line and column, and a strict
// reader on top of it (yaml_reader.hpp). yaml-cpp does the parsing; its exceptions end here.
// Bounds: 1 MiB of text, depth 64, 100,000 nodes and 4 MiB of scalars after aliases are expanded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <support/result.hpp>

namespace unik {

struct YamlEntry;

struct YamlNode {
    enum class Kind { null, scalar, sequence, mapping };

    Kind kind = Kind::null;
    std::size_t line = 0;   // from 1
    std::size_t column = 0; // from 1, in bytes
    std::size_t length = 0; // bytes of a scalar as written on its first line
    std::string scalar;
    bool quoted = false; // a quoted scalar is text even when it looks like a number or a bool
    std::vector<YamlNode> sequence;
    std::vector<YamlEntry> mapping; // in source order; keys are scalars

    // The value under key, or null.
    const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
    YamlNode key;
    YamlNode value;
};

struct YamlDocument {
    std::string file;
    std::string text;
    YamlNode root;
    // Repeated keys: the first one stands. The strict reader reports them with its own findings, so
    // that all problems show in one run.
    std::vector<Diagnostic> problems;

    // A span that underlines the node in this document.
    SourceSpan span(const YamlNode& node) const;
    Diagnostic error_at(const YamlNode& node, std::string id, std::string message,
                        std::string hint = {}) const;
};

// file: the name that diagnostics show. An empty text is a document whose root is null.
Result<YamlDocument> parse_yaml(std::string file, std::string text);

} // namespace unik
