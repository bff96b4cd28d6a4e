// Signing as a part of a build: the kernel for Secure Boot before the disks are written, the
// bundle's record as the last step. The keys come from the command line or from the Unikfile.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <sign/secret.hpp>
#include <support/file.hpp>
#include <support/result.hpp>
#include <toolchain/application.hpp>
#include <unikfile/manifest.hpp>

namespace unik::cli {

struct SigningRequest {
    unikfile::Signing keys;   // of the command line: they come before the Unikfile's
    bool is_left_out = false; // --no-sign
    sign::AskPassphrase ask;
};

class BuildSigning {
public:
    // Reads the keys' texts: what is missing is said before anything is compiled, and variables
    // that hold secrets are gone before any tool starts.
    static Result<BuildSigning> create(const SigningRequest& request,
                                       const unikfile::Manifest& manifest);
    BuildSigning(BuildSigning&&) noexcept;
    ~BuildSigning();

    bool signs_bundle() const;
    // A digest of which keys sign, for the record of the build; empty: none.
    std::string fingerprint() const;
    // Opens the keys, which may ask for passphrases.
    Result<void> unlock();
    // No secret becomes a file of the image. Error secret-in-image.
    Result<void> check_files(const toolchain::Application& application) const;
    // The kernel as it is, when nothing signs it. Preconditions of both: unlocked.
    Result<ByteVector> sign_kernel(ByteVector kernel_file) const;
    Result<void> sign_record(const std::filesystem::path& record) const;

private:
    struct Keys;
    explicit BuildSigning(std::unique_ptr<Keys> keys);
    std::unique_ptr<Keys> keys_;
};

} // namespace unik::cli
