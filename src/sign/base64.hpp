// Base64 (RFC 4648, section 4) in its one canonical form: padded, no line ends, no stray bits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sign/secret.hpp>

namespace unik::sign {

std::string to_base64(ByteSpan bytes);
// Nothing unless the text is the canonical form of exactly `size` bytes.
std::optional<Secret> from_base64(std::string_view text, std::size_t size);

} // namespace unik::sign
