// Secure Boot's keys as UEFI variables (UEFI 2.10, 8.2.2 and 32.4.1): signature lists, updates that
// are signed, and a variable store of EDK2's that holds them.
//
// The store is a firmware volume with a header, a variable store header, and variables one behind
// the other, each at a multiple of four (EDK2, MdeModulePkg/Include/Guid/VariableFormat.h). Unused
// bytes are 0xff, as in erased flash.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sign/authenticode.hpp>
#include <support/file.hpp>
#include <support/result.hpp>
#include <support/sha256.hpp>

namespace unik::sign {

using EfiGuid = std::array<std::uint8_t, 16>; // as it is stored

extern const EfiGuid k_efi_global_variable; // PK, KEK
extern const EfiGuid k_image_security;      // db, dbx

// EFI_SIGNATURE_LIST with one certificate (DER). The owner's GUID derives from it.
ByteVector signature_list(ByteSpan certificate);

// EFI_VARIABLE_AUTHENTICATION_2 and the new content: what firmware takes when Secure Boot is on.
// seconds: the update's time; firmware takes none older than the last.
Result<ByteVector> signed_update(std::string_view name, const EfiGuid& vendor, ByteSpan content,
                                 std::int64_t seconds, const SecureBootKey& signer);

struct SecureBootVariables {
    ByteVector pk; // signature lists
    ByteVector kek;
    ByteVector db;
};

// The store of an OVMF that holds no keys yet, with these, and Secure Boot switched on. Errors:
// not-a-variable-store, variable-store-full.
Result<ByteVector> enroll(ByteSpan store, const SecureBootVariables& variables,
                          std::int64_t seconds);

} // namespace unik::sign
