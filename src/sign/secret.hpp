// Keys and passphrases. A Secret is overwritten when it dies and cannot be copied; messages name
// where it came from, never what it holds.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::sign {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::size_t size) : bytes_(size) {}
    explicit Secret(ByteVector bytes) : bytes_(std::move(bytes)) {}
    Secret(Secret&&) = default;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    ByteSpan bytes() const { return bytes_; }
    std::uint8_t* data() { return bytes_.data(); }
    std::size_t size() const { return bytes_.size(); }
    std::string_view text() const {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }
    void cut(std::size_t size); // to at most this size

private:
    ByteVector bytes_;
};

// Where a secret comes from, as the user writes it: a path, or "env:NAME".
struct SecretSource {
    std::string text;
    std::filesystem::path folder{}; // that a relative path begins in; empty: the current one

    bool is_variable() const { return text.starts_with("env:"); }
    std::filesystem::path path() const { return folder / text; }
};

// A file must belong to its owner alone, as ssh demands of keys: else key-permissions. A variable
// is taken out of the environment, so that no tool that we start finds it. what: "signing key".
Result<Secret> read_secret(const SecretSource& source, std::string_view what);

// The first line of what read_secret gives, which must not be empty.
Result<Secret> read_passphrase(const SecretSource& source);

// Asked when a key turns out to be protected. what: "the passphrase of 'release.key'".
using AskPassphrase = std::function<Result<Secret>(const std::string& what)>;

} // namespace unik::sign
