#include <cli/commands.hpp>

#include <array>

#include <fmt/format.h>

#include <bundle/contents.hpp>
#include <cli/passphrase.hpp>
#include <cli/signing.hpp>
#include <cli/terminal.hpp>
#include <cli/verification.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

bool nothing_wanted(const bundle::Image&, const std::string&) {
    return false;
}

// What is not the bundle that was built is not signed.
Result<fs::path> file_to_sign(const fs::path& given) {
    std::error_code status;
    if (!fs::is_directory(given, status))
        return given;
    UNIK_TRY(UNIK_TRY(bundle::Contents::open(given)).verify(nothing_wanted));
    return given / "image.json";
}

Result<fs::path> sign_detached(const Invocation& invocation) {
    const sign::SecretSource source{invocation.value(k_sign_key.name)};
    const sign::Secret text = UNIK_TRY(sign::read_secret(source, "signing key"));
    const fs::path file = UNIK_TRY(file_to_sign(invocation.value("PATH")));
    const sign::SigningKey key =
        UNIK_TRY(sign::SigningKey::parse(text, source.text, passphrase_of(invocation)));
    return sign_beside(file, key);
}

int sign_command(const Invocation& invocation) {
    if (!invocation.has(k_sign_key.name))
        return report(make_error("usage", "--sign-key is missing", "'unik keygen' makes a key",
                                 ExitCode::usage));
    const auto signature = sign_detached(invocation);
    if (!signature.ok())
        return report(signature.error());
    print(fmt::format("signed: {}\n", signature->string()));
    return 0;
}

constexpr std::array k_sign_options{k_sign_key, k_passphrase_file};
constexpr std::array k_sign_positionals{
    Positional{.name = "PATH",
               .kind = ValueKind::file,
               .description = "A bundle, or any file.",
               .required = true},
};
constexpr std::array k_sign_examples{
    Example{"unik sign web.unik --sign-key release.key", "sign a bundle"},
    Example{"unik sign disk.vmdk --sign-key env:SIGN_KEY", "sign a file, the key in a variable"},
};

constexpr std::string_view k_sign_sections = R"(# SIGNATURES
A bundle's image.json holds a digest of each of its files; the signature of image.json, image.json.minisig
in the bundle, covers them all. Of a file, the signature is FILE.minisig. It has minisign's form:
minisign -V -p KEY.pub -m FILE checks it. The trusted comment names the file, and the time when
SOURCE_DATE_EPOCH is set; without it, the same file and key give the same signature.

With a P-256 key the signature is FILE.sig, as openssl dgst -sha256 -verify KEY.pub -signature
FILE.sig FILE checks it.)";

} // namespace

constinit const CommandSpecification k_sign_command{
    .name = "sign",
    .summary = "sign a bundle or a file",
    .description = "Writes a detached signature. A bundle is compared with its record first: one "
                   "that was changed since it was built is not signed.",
    .options = k_sign_options,
    .positionals = k_sign_positionals,
    .examples = k_sign_examples,
    .sections = k_sign_sections,
    .action = sign_command};

} // namespace unik::cli
