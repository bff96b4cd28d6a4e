// GUIDs as the GPT stores them (UEFI 2.10, appendix A): the first three fields little-endian.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <support/file.hpp>

namespace unik::disk {

struct Guid {
    std::array<std::uint8_t, 16> bytes{}; // as stored
    auto operator<=>(const Guid&) const = default;
};

// From the text form, which is a constant of ours: "21686148-6449-6E6F-744E-656564454649".
Guid guid(std::string_view text);
std::string to_text(const Guid& guid);

// A GUID of version 8 (RFC 9562: the maker's own scheme) that depends on the content alone.
Guid derive_guid(std::string_view purpose, ByteSpan seed);

} // namespace unik::disk
