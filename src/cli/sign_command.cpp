#include <cli/commands.hpp>

#include <array>

#include <fmt/format.h>

#include <bundle/contents.hpp>
#include <cli/passphrase.hpp>
#include <cli/signing.hpp>
#include <cli/terminal.hpp>
#include <cli/verification.hpp>
#include <sign/authenticode.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_largest_certificate{64 << 10};
constexpr Bytes k_largest_program{1ULL << 30};

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
        UNIK_TRY(sign::SigningKey::parse(text, source.text, UNIK_TRY(passphrase_of(invocation))));
    return sign_beside(file, key);
}

// The signature goes into the program itself.
Result<fs::path> sign_program(const Invocation& invocation) {
    const fs::path path = invocation.value("PATH");
    const sign::SecretSource source{invocation.value(k_secure_boot_key.name)};
    const std::string certificate_path = invocation.value(k_secure_boot_certificate.name);
    auto certificate = UNIK_TRY(sign::Certificate::parse(
        UNIK_TRY(read_file(certificate_path, k_largest_certificate)), certificate_path));
    const sign::Secret text = UNIK_TRY(sign::read_secret(source, "Secure Boot key"));
    const sign::SecureBootKey key = UNIK_TRY(sign::SecureBootKey::parse(
        text, source.text, std::move(certificate), UNIK_TRY(passphrase_of(invocation))));
    const ByteVector program = UNIK_TRY(read_file(path, k_largest_program));
    const fs::path output = invocation.has("output") ? fs::path(invocation.value("output")) : path;
    UNIK_TRY(write_file(output, UNIK_TRY(key.sign(program, path.string()))));
    return output;
}

int sign_command(const Invocation& invocation) {
    const bool is_program = invocation.has(k_secure_boot_key.name);
    if (is_program == invocation.has(k_sign_key.name))
        return report(make_error("usage", "expected one of --sign-key and --secure-boot-key",
                                 "'unik keygen' and 'unik secure-boot-keys' make keys",
                                 ExitCode::usage));
    if (is_program != invocation.has(k_secure_boot_certificate.name))
        return report(make_error("usage", "--secure-boot-key and --secure-boot-cert go together",
                                 {}, ExitCode::usage));
    const auto signature = is_program ? sign_program(invocation) : sign_detached(invocation);
    if (!signature.ok())
        return report(signature.error());
    print(fmt::format("signed: {}\n", signature->string()));
    return 0;
}

constexpr std::array k_sign_options{
    k_sign_key,
    k_passphrase_file,
    k_secure_boot_key,
    k_secure_boot_certificate,
    Option{.name = "output",
           .letter = 'o',
           .kind = ValueKind::file,
           .value_name = "FILE",
           .description = "For Secure Boot: where to write the signed program. Default: in its "
                          "place."},
};
constexpr std::array k_sign_positionals{
    Positional{.name = "PATH",
               .kind = ValueKind::file,
               .description = "A bundle, or any file.",
               .required = true},
};
constexpr std::array k_sign_examples{
    Example{"unik sign web.unik --sign-key release.key", "sign a bundle"},
    Example{"unik sign boot.efi --secure-boot-key db.key --secure-boot-cert db.crt",
            "sign an EFI program for Secure Boot"},
    Example{"unik sign disk.vmdk --sign-key env:SIGN_KEY", "sign a file, the key in a variable"},
};

constexpr std::string_view k_sign_sections = R"(# SIGNATURES
A bundle's image.json holds a digest of each of its files; the signature of image.json, image.json.minisig
in the bundle, covers them all. Of a file, the signature is FILE.minisig. It has minisign's form:
minisign -V -p KEY.pub -m FILE checks it. The trusted comment names the file, and the time when
SOURCE_DATE_EPOCH is set; without it, the same file and key give the same signature.

With a P-256 key the signature is FILE.sig, as openssl dgst -sha256 -verify KEY.pub -signature
FILE.sig FILE checks it.

# SECURE BOOT
With --secure-boot-key and --secure-boot-cert an EFI program, such as kernel.efi, gets an Authenticode
signature inside instead of those that it had. sbverify --cert CERT FILE checks it, and so does unik
verify --certificate CERT FILE. Of a bundle, the kernel is signed while it is built, because the disks
hold it: see unik-build(1).)";

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
