#include <sign/secret.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <support/open_file.hpp>

namespace unik::sign {
namespace {

constexpr Bytes k_largest_secret{64 << 10};
constexpr std::size_t k_longest_path = 1024;

// Somebody gave the key itself where a path is expected. It must not be repeated in a message.
bool looks_like_a_key(std::string_view text) {
    return text.size() > k_longest_path || text.find('\n') != std::string_view::npos ||
           text.starts_with("untrusted comment") || text.starts_with("-----BEGIN") ||
           (text.size() > 140 &&
            text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
                                   "mnopqrstuvwxyz0123456789+/=") == std::string_view::npos);
}

Result<Secret> read_variable(const std::string& name, std::string_view what) {
    char* value = std::getenv(name.c_str());
    if (name.empty() || name.find('=') != std::string::npos || value == nullptr || *value == '\0')
        return make_error("no-secret",
                          fmt::format("the {} should be in the variable '{}', which is not set or "
                                      "empty",
                                      what, name),
                          fmt::format("set {} to the text itself, or name a file", name));
    const std::size_t length = std::strlen(value);
    Secret secret(ByteVector(value, value + length));
    OPENSSL_cleanse(value, length);
    ::unsetenv(name.c_str());
    return secret;
}

Result<void> check_permissions(const OpenFile& file, std::string_view what) {
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0)
        return file_error("read", file.name(), errno);
    if (status.st_uid == ::getuid() && (status.st_mode & 077) != 0)
        return make_error(
            "key-permissions",
            fmt::format("the {} '{}' has mode {:04o}: others may read or change it", what,
                        file.name(), status.st_mode & 07777),
            fmt::format("'chmod 600 {}', and think about who has read it already", file.name()));
    return {};
}

} // namespace

Secret::~Secret() {
    if (!bytes_.empty())
        OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

Secret& Secret::operator=(Secret&& other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
}

void Secret::cut(std::size_t size) {
    if (size >= bytes_.size())
        return;
    OPENSSL_cleanse(bytes_.data() + size, bytes_.size() - size);
    bytes_.resize(size);
}

Result<Secret> read_secret(const SecretSource& source, std::string_view what) {
    if (looks_like_a_key(source.text))
        return make_error("no-secret",
                          fmt::format("expected where the {} is, found what looks like the {} "
                                      "itself",
                                      what, what),
                          "give a path, or env:NAME for a variable that holds it");
    if (source.is_variable())
        return read_variable(source.text.substr(4), what);
    auto file = OpenFile::open(source.path());
    if (!file.ok()) {
        Error error = file.error();
        error.diagnostics[0].hint =
            fmt::format("name the file of the {}, or env:NAME for a variable that holds it", what);
        return error;
    }
    UNIK_TRY(check_permissions(*file, what));
    return Secret(UNIK_TRY(file->read_all(k_largest_secret)));
}

Result<Secret> read_passphrase(const SecretSource& source) {
    Secret secret = UNIK_TRY(read_secret(source, "passphrase"));
    const ByteSpan bytes = secret.bytes();
    const auto is_end = [](std::uint8_t byte) { return byte == '\n' || byte == '\r'; };
    secret.cut(
        static_cast<std::size_t>(std::find_if(bytes.begin(), bytes.end(), is_end) - bytes.begin()));
    if (secret.size() == 0)
        return make_error("no-passphrase", "the passphrase that was given is empty",
                          "its first line counts");
    return secret;
}

} // namespace unik::sign
