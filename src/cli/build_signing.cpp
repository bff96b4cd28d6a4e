#include <cli/build_signing.hpp>

#include <optional>
#include <vector>

#include <fmt/format.h>

#include <cli/signing.hpp>
#include <sign/authenticode.hpp>
#include <sign/key.hpp>
#include <support/sha256.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

struct Source {
    sign::SecretSource where;
    sign::Secret text;
};

Result<std::optional<Source>> read_key(const std::string& given, const std::string& otherwise,
                                       const fs::path& folder, std::string_view what) {
    sign::SecretSource where{given};
    if (given.empty())
        where = {otherwise, folder};
    if (where.text.empty())
        return std::optional<Source>();
    sign::Secret text = UNIK_TRY(sign::read_secret(where, what));
    return std::optional<Source>(Source{std::move(where), std::move(text)});
}

// Nothing secret: anybody may read its file.
Result<std::optional<Source>>
read_certificate(const std::string& given, const std::string& otherwise, const fs::path& folder) {
    constexpr Bytes k_largest{64 << 10};
    sign::SecretSource where{given};
    if (given.empty())
        where = {otherwise, folder};
    if (where.text.empty())
        return make_error("no-secret", "the Secure Boot key has no certificate beside it",
                          "give it with --secure-boot-cert, or as 'certificate' in the Unikfile");
    if (where.is_variable())
        return std::optional<Source>(
            Source{where, UNIK_TRY(sign::read_secret(where, "certificate"))});
    return std::optional<Source>(
        Source{where, sign::Secret(UNIK_TRY(read_file(where.path(), k_largest)))});
}

} // namespace

struct BuildSigning::Keys {
    sign::AskPassphrase ask;
    std::optional<Source> bundle;
    std::optional<Source> secure_boot;
    std::optional<Source> certificate;
    std::optional<sign::SigningKey> bundle_key;
    std::optional<sign::SecureBootKey> secure_boot_key;
};

BuildSigning::BuildSigning(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
BuildSigning::BuildSigning(BuildSigning&&) noexcept = default;
BuildSigning::~BuildSigning() = default;

Result<BuildSigning> BuildSigning::create(const SigningRequest& request,
                                          const unikfile::Manifest& manifest) {
    auto keys = std::make_unique<Keys>();
    if (request.is_left_out)
        return BuildSigning(std::move(keys));
    keys->ask = request.ask;
    const unikfile::Signing& given = request.keys;
    const unikfile::Signing& written = manifest.sign;
    const fs::path& folder = manifest.directory;
    keys->bundle = UNIK_TRY(read_key(given.key, written.key, folder, "signing key"));
    keys->secure_boot = UNIK_TRY(
        read_key(given.secure_boot.key, written.secure_boot.key, folder, "Secure Boot key"));
    if (!keys->secure_boot)
        return BuildSigning(std::move(keys));
    keys->certificate = UNIK_TRY(
        read_certificate(given.secure_boot.certificate, written.secure_boot.certificate, folder));
    return BuildSigning(std::move(keys));
}

bool BuildSigning::signs_bundle() const {
    return keys_->bundle.has_value();
}

std::string BuildSigning::fingerprint() const {
    Sha256 hash;
    bool any = false;
    for (const auto* source : {&keys_->bundle, &keys_->secure_boot, &keys_->certificate}) {
        hash.update(fmt::format("{}:", *source ? (*source)->text.size() : 0));
        if (*source)
            hash.update((*source)->text.bytes());
        any = any || source->has_value();
    }
    return any ? to_hex(hash.finish()) : std::string();
}

Result<void> BuildSigning::unlock() {
    if (keys_->bundle)
        keys_->bundle_key = UNIK_TRY(
            sign::SigningKey::parse(keys_->bundle->text, keys_->bundle->where.text, keys_->ask));
    if (!keys_->secure_boot)
        return {};
    auto certificate = UNIK_TRY(
        sign::Certificate::parse(keys_->certificate->text.bytes(), keys_->certificate->where.text));
    keys_->secure_boot_key = UNIK_TRY(
        sign::SecureBootKey::parse(keys_->secure_boot->text, keys_->secure_boot->where.text,
                                   std::move(certificate), keys_->ask));
    return {};
}

Result<void> BuildSigning::check_files(const toolchain::Application& application) const {
    for (const auto* source : {&keys_->bundle, &keys_->secure_boot}) {
        if (!*source || (*source)->where.is_variable())
            continue;
        for (const toolchain::CollectedFile& file : application.files) {
            std::error_code ignored;
            if (file.kind == toolchain::CollectedFile::Kind::regular &&
                fs::equivalent(file.source, (*source)->where.path(), ignored))
                return make_error("secret-in-image",
                                  fmt::format("the key '{}' would become the image's file '{}'",
                                              (*source)->where.text, file.path),
                                  "keep keys out of the project, or name them in .unikignore");
        }
    }
    return {};
}

Result<ByteVector> BuildSigning::sign_kernel(ByteVector kernel_file) const {
    if (!keys_->secure_boot_key)
        return kernel_file;
    return keys_->secure_boot_key->sign(kernel_file, "kernel.efi");
}

Result<void> BuildSigning::sign_record(const fs::path& record) const {
    if (keys_->bundle_key)
        UNIK_TRY(sign_beside(record, *keys_->bundle_key));
    return {};
}

} // namespace unik::cli
