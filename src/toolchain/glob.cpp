#include <toolchain/glob.hpp>

#include <algorithm>

namespace unik::toolchain {

// After '[': an optional '^', then bytes and ranges up to ']', each perhaps behind a backslash.
std::optional<Glob::Token> Glob::read_set(std::string_view& rest) {
    Token token;
    token.kind = Kind::set;
    if (rest.starts_with('^')) {
        token.negated = true;
        rest.remove_prefix(1);
    }
    const auto take = [&]() -> std::optional<unsigned char> {
        if (rest.starts_with('\\'))
            rest.remove_prefix(1);
        if (rest.empty())
            return std::nullopt;
        const auto byte = static_cast<unsigned char>(rest[0]);
        rest.remove_prefix(1);
        return byte;
    };
    while (!rest.starts_with(']') || token.ranges.empty()) {
        const auto first = take();
        if (!first)
            return std::nullopt;
        auto last = first;
        if (rest.starts_with('-')) {
            rest.remove_prefix(1);
            last = take();
        }
        if (!last || *last < *first)
            return std::nullopt;
        token.ranges.push_back({*first, *last});
    }
    rest.remove_prefix(1);
    return token;
}

std::optional<Glob> Glob::compile(std::string_view pattern) {
    Glob glob;
    std::string_view rest = pattern;
    const auto add = [&](Kind kind, std::size_t length, char literal = 0) {
        glob.tokens_.push_back({kind, literal, false, {}});
        rest.remove_prefix(length);
    };
    while (!rest.empty()) {
        if (rest.starts_with("**/")) {
            add(Kind::maybe_folders, 0);
            add(Kind::folders, 3);
        } else if (rest.starts_with("**"))
            add(Kind::everything, 2);
        else if (rest[0] == '*')
            add(Kind::many, 1);
        else if (rest[0] == '?')
            add(Kind::one, 1);
        else if (rest[0] == '\\' && rest.size() == 1)
            return std::nullopt;
        else if (rest[0] == '\\')
            add(Kind::literal, 2, rest[1]);
        else if (rest[0] == '[') {
            rest.remove_prefix(1);
            auto token = read_set(rest);
            if (!token)
                return std::nullopt;
            glob.tokens_.push_back(std::move(*token));
        } else
            add(Kind::literal, 1, rest[0]);
    }
    return glob;
}

bool Glob::accepts(const Token& token, char c) {
    switch (token.kind) {
    case Kind::literal: return c == token.literal;
    case Kind::one:
    case Kind::many: return c != '/';
    case Kind::everything:
    case Kind::folders: return true;
    case Kind::maybe_folders: return false;
    case Kind::set: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool inside = std::any_of(token.ranges.begin(), token.ranges.end(), [&](Range range) {
        return byte >= range.first && byte <= range.last;
    });
    return c != '/' && inside != token.negated;
}

// Tokens that may stand for nothing let the position behind them in as well.
void Glob::skip_empty(std::vector<bool>& positions) const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        if (!positions[i])
            continue;
        const Kind kind = tokens_[i].kind;
        if (kind == Kind::many || kind == Kind::everything || kind == Kind::maybe_folders)
            positions[i + 1] = true;
        if (kind == Kind::maybe_folders)
            positions[i + 2] = true;
    }
}

void Glob::advance(std::size_t index, char c, std::vector<bool>& next) const {
    const Token& token = tokens_[index];
    if (!accepts(token, c))
        return;
    const bool repeats =
        token.kind == Kind::many || token.kind == Kind::everything || token.kind == Kind::folders;
    if (repeats)
        next[index] = true;
    if (!repeats || (token.kind == Kind::folders && c == '/'))
        next[index + 1] = true;
}

bool Glob::matches(std::string_view path) const {
    std::vector<bool> positions(tokens_.size() + 1);
    positions[0] = true;
    skip_empty(positions);
    for (const char c : path) {
        std::vector<bool> next(tokens_.size() + 1);
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (positions[i])
                advance(i, c, next);
        }
        skip_empty(next);
        positions = std::move(next);
    }
    return positions[tokens_.size()];
}

} // namespace unik::toolchain
