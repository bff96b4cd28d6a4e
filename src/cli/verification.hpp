// Checking what others made, for the commands that use it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <bundle/contents.hpp>
#include <cli/invocation.hpp>
#include <sign/policy.hpp>
#include <support/open_file.hpp>

namespace unik::cli {

inline constexpr Option k_policy{
    .name = "policy",
    .kind = ValueKind::file,
    .value_name = "FILE",
    .description = "The policy that says whose signatures are needed (also: $UNIK_POLICY). "
                   "Default: ~/.config/unik/policy.yaml, else /etc/unik/policy.yaml, where there "
                   "is one. See unik-policy(5)."};

bool is_bundle(const std::filesystem::path& path);

// The signature of the bundle's record, by one of the keys.
Result<sign::Signer> check_signature(const bundle::Contents& contents,
                                     const std::vector<sign::TrustedKey>& keys);

// The bundle when the policy lets it be used: its signature and all its files are checked, and
// those that are wanted are copies that stay what was checked. Nothing when no policy asks for it:
// then nothing was checked. Errors: exit code 4.
Result<std::optional<bundle::Verified>> admit_bundle(const Invocation& invocation, sign::Use use,
                                                     const std::filesystem::path& path,
                                                     const bundle::Contents::Wanted& wanted);

// The same for a single file: signed itself, or a part of the signed bundle that it lies in. With
// or without a policy, the file that is returned is the one to use.
Result<OpenFile> admit_file(const Invocation& invocation, sign::Use use,
                            const std::filesystem::path& path);

} // namespace unik::cli
