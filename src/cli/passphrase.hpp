// Where passphrases come from: --passphrase-file, or the terminal, without echo.
#pragma once

#include <cli/invocation.hpp>
#include <sign/secret.hpp>

namespace unik::cli {

inline constexpr Option k_passphrase_file{
    .name = "passphrase-file",
    .kind = ValueKind::file,
    .value_name = "FILE|env:NAME",
    .description = "Take the key's passphrase from the first line of a file, which only you may "
                   "read, or from a variable, instead of asking on the terminal."};

// What the option names is read now: a variable is gone before anything is started. Asking returns
// the error no-passphrase when there is no terminal.
Result<sign::AskPassphrase> passphrase_of(const Invocation& invocation);
// For a new key: asked twice on the terminal. Not empty.
Result<sign::Secret> new_passphrase(const Invocation& invocation, const std::string& what);

} // namespace unik::cli
