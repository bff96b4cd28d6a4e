// Keys on the disk.
#include <sign/key.hpp>

#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include <sign/new_file.hpp>

namespace unik::sign {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_largest_key{16 << 10};

fs::path with_suffix(const fs::path& name, std::string_view suffix) {
    return name.string() + std::string(suffix);
}

std::string_view text_of(const ByteVector& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The key itself, rather than where it is.
bool is_key_text(const std::string& text) {
    return text.find('\n') != std::string::npos || text.starts_with("-----BEGIN ") ||
           (text.size() == 56 && text.starts_with("RW"));
}

} // namespace

Result<PublicKey> read_public_key(const std::string& text, const fs::path& folder) {
    if (is_key_text(text))
        return PublicKey::parse(text, "the key that was given");
    if (text.starts_with("env:")) {
        const char* value = std::getenv(text.c_str() + 4);
        if (value == nullptr || *value == '\0')
            return make_error("bad-key",
                              fmt::format("the public key should be in the variable '{}', which is "
                                          "not set or empty",
                                          text.substr(4)));
        return PublicKey::parse(value, text);
    }
    auto file = OpenFile::open(folder / text);
    if (!file.ok()) {
        Error error = file.error();
        error.diagnostics[0].hint =
            "give the path of a public key, env:NAME, or minisign's line that begins with RW";
        return error;
    }
    const ByteVector bytes = UNIK_TRY(file->read_all(k_largest_key));
    return PublicKey::parse(text_of(bytes), file->name());
}

Result<void> check_no_key_pair(const fs::path& name) {
    for (const char* suffix : {".key", ".pub"}) {
        const fs::path path = with_suffix(name, suffix);
        std::error_code status;
        if (fs::symlink_status(path, status).type() != fs::file_type::not_found)
            return make_error(
                "key-exists",
                fmt::format("'{}' is there already and is left as it is", path.string()),
                "choose another name with --output");
    }
    return {};
}

Result<void> write_key_pair(const SigningKey& key, const fs::path& name, const Secret* passphrase) {
    UNIK_TRY(check_no_key_pair(name));
    const Secret secret = UNIK_TRY(key.secret_text(passphrase));
    const fs::path secret_path = with_suffix(name, ".key");
    UNIK_TRY(create_file(secret_path, secret.text(), 0600));
    auto written = create_file(with_suffix(name, ".pub"), key.public_text(), 0644);
    if (!written.ok())
        ::unlink(secret_path.c_str());
    return written;
}

} // namespace unik::sign
