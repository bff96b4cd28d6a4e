// Patterns on paths, as .dockerignore has them: `*`, `?` and `[a-z]` within one folder, `**` across
// folders. Matching keeps a set of positions instead of trying back, so no pattern is slow.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unik::toolchain {

class Glob {
public:
    // Nothing for a pattern that is not one: an open '[', a backslash at the end.
    static std::optional<Glob> compile(std::string_view pattern);

    // The whole path, relative, with '/' between its parts.
    bool matches(std::string_view path) const;

private:
    enum class Kind {
        literal,       // this byte
        one,           // any byte but '/'
        many,          // any number of bytes but '/'
        everything,    // any number of bytes
        maybe_folders, // nothing, or what follows: the next token may be passed over
        folders,       // any number of bytes that end in '/'
        set,           // one byte of these ranges
    };
    struct Range {
        unsigned char first = 0;
        unsigned char last = 0;
    };
    struct Token {
        Kind kind = Kind::literal;
        char literal = 0;
        bool negated = false; // of a set
        std::vector<Range> ranges;
    };

    static std::optional<Token> read_set(std::string_view& rest);
    static bool accepts(const Token& token, char c);
    void advance(std::size_t index, char c, std::vector<bool>& next) const;
    void skip_empty(std::vector<bool>& positions) const;

    std::vector<Token> tokens_;
};

} // namespace unik::toolchain
