// SHA-256 (FIPS 180-4) by OpenSSL.
#pragma once

#include <array>
#include <memory>
#include <string>

#include <support/file.hpp>

namespace unik {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    void update(ByteSpan bytes);
    void update(std::string_view text);
    Digest finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

Digest sha256(ByteSpan bytes);
std::string to_hex(const Digest& digest);
// Streams the file, whatever its size.
Result<Digest> sha256_file(const std::filesystem::path& path);

} // namespace unik
