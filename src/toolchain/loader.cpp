#include <toolchain/loader.hpp>

#include <algorithm>

namespace unik::toolchain {
namespace {

constexpr std::string_view k_multiarch = "lib/x86_64-linux-gnu";

std::string_view as_text(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// glibc's loader holds its folders as strings, one behind the other, each with a slash at its end
// (elf/dl-load.c, system_dirs). None where no such run is found.
std::vector<std::string> folders_in(std::string_view bytes) {
    constexpr std::string_view k_start("\0/lib", 5);
    for (std::size_t at = bytes.find(k_start); at != std::string_view::npos;
         at = bytes.find(k_start, at + 1)) {
        std::vector<std::string> folders;
        std::string_view rest = bytes.substr(at + 1);
        for (;;) {
            const std::string_view text = rest.substr(0, rest.find('\0'));
            if (text.size() < 2 || text.size() == rest.size() || !text.starts_with('/') ||
                !text.ends_with('/'))
                break;
            folders.emplace_back(text.substr(0, text.size() - 1));
            rest.remove_prefix(text.size() + 1);
        }
        if (folders.size() >= 2)
            return folders;
    }
    return {};
}

struct Token {
    std::string_view name;
    std::string_view value;
};

// The token at the front: $NAME or ${NAME}; its length there, or 0.
std::size_t token_length(std::string_view text, std::string_view name) {
    if (text.substr(1).starts_with(name)) {
        const std::size_t end = 1 + name.size();
        const bool goes_on =
            end < text.size() &&
            (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_');
        return goes_on ? 0 : end;
    }
    const std::string braced = "${" + std::string(name) + "}";
    return text.starts_with(braced) ? braced.size() : 0;
}

} // namespace

Loader describe_loader(std::string_view interpreter, ByteSpan bytes) {
    Loader loader;
    const std::string_view name = interpreter.substr(interpreter.rfind('/') + 1);
    if (name.starts_with("ld-musl")) {
        loader.kind = LoaderKind::musl;
        loader.folders = {"/lib", "/usr/local/lib", "/usr/lib"};
        loader.path_file = "/etc/ld-musl-x86_64.path";
        return loader;
    }
    loader.folders = folders_in(as_text(bytes));
    if (loader.folders.empty())
        loader.folders = {"/lib64", "/usr/lib64"};
    const std::string multiarch = '\0' + std::string(k_multiarch) + '\0';
    loader.library_folder =
        as_text(bytes).find(multiarch) != std::string_view::npos ? k_multiarch : "lib64";
    return loader;
}

std::vector<std::string> split_folders(std::string_view text) {
    std::vector<std::string> folders;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(":\n"), text.size());
        if (end > 0)
            folders.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return folders;
}

std::string expand_tokens(const Loader& loader, std::string_view text, std::string_view origin) {
    const Token tokens[] = {
        {"ORIGIN", origin}, {"LIB", loader.library_folder}, {"PLATFORM", "x86_64"}};
    const std::size_t known = loader.kind == LoaderKind::musl ? 1 : std::size(tokens);
    std::string out;
    while (!text.empty()) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < known && text.front() == '$' && length == 0; ++i) {
            length = token_length(text, tokens[i].name);
            if (length != 0)
                out += tokens[i].value;
        }
        if (length == 0) {
            if (text.front() == '$' && loader.kind == LoaderKind::musl)
                return {};
            out += text.front();
            length = 1;
        }
        text.remove_prefix(length);
    }
    return out;
}

bool is_built_in(const Loader& loader, std::string_view name) {
    if (loader.kind != LoaderKind::musl || !name.starts_with("lib"))
        return false;
    constexpr std::string_view k_names[] = {"c", "pthread", "rt", "m", "dl", "util", "xnet"};
    const std::string_view stem = name.substr(3, name.find('.') - 3);
    return name.find('.') != std::string_view::npos &&
           std::find(std::begin(k_names), std::end(k_names), stem) != std::end(k_names);
}

} // namespace unik::toolchain
