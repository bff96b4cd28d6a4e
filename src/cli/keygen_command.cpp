#include <cli/commands.hpp>

#include <array>

#include <fmt/format.h>

#include <cli/passphrase.hpp>
#include <cli/terminal.hpp>
#include <sign/key.hpp>

namespace unik::cli {
namespace {

Result<std::string> generate(const Invocation& invocation) {
    const std::string name = invocation.value("output");
    const bool is_open = invocation.has("no-passphrase");
    if (is_open && invocation.has(k_passphrase_file.name))
        return make_error("usage", "--no-passphrase and --passphrase-file contradict each other",
                          "keep one of the two", ExitCode::usage);
    UNIK_TRY(sign::check_no_key_pair(name));
    sign::Secret passphrase;
    if (!is_open)
        passphrase =
            UNIK_TRY(new_passphrase(invocation, fmt::format("A passphrase for '{}.key'", name)));
    const sign::SigningKey key = UNIK_TRY(sign::SigningKey::generate());
    UNIK_TRY(sign::write_key_pair(key, name, is_open ? nullptr : &passphrase));
    return key.public_text();
}

int keygen_command(const Invocation& invocation) {
    const auto public_text = generate(invocation);
    if (!public_text.ok())
        return report(public_text.error());
    const std::string name = invocation.value("output");
    const std::string& text = public_text.value();
    print(fmt::format("secret key: {0}.key (keep it, and a copy of it, to yourself)\n"
                      "public key: {0}.pub\n{1}",
                      name, text.substr(text.find('\n') + 1)));
    return 0;
}

constexpr std::array k_keygen_options{
    Option{.name = "output",
           .letter = 'o',
           .kind = ValueKind::file,
           .value_name = "NAME",
           .description = "Write NAME.key and NAME.pub. Neither may exist.",
           .fallback = "unik"},
    Option{.name = "no-passphrase",
           .description = "Leave the secret key unprotected: whoever reads the file can sign."},
    k_passphrase_file,
};
constexpr std::array k_keygen_examples{
    Example{"unik keygen -o release", "make release.key and release.pub"},
    Example{"unik keygen -o ci --passphrase-file env:KEY_PASSPHRASE",
            "the same where nobody types"},
};

constexpr std::string_view k_keygen_sections = R"(# KEYS
NAME.key holds the secret half of an Ed25519 key, with mode 0600, protected by a passphrase (scrypt).
NAME.pub holds the public half, which others need to check signatures. Both have minisign's form:
minisign -S -s NAME.key and minisign -V -p NAME.pub take them, and unik takes keys that minisign -G
made. A secret key that others may read is refused, as ssh does.

ECDSA P-256 keys in PEM, such as openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes,
sign and check, too.

# KEYS IN CI
Put the content of NAME.key into a secret of the CI system that becomes a variable, its passphrase
into another, and name the variables instead of files:

unik build --sign-key env:SIGN_KEY --passphrase-file env:SIGN_PASSPHRASE

unik takes the variables out of the environment before it starts any tool, and neither prints nor
stores what they hold.)";

} // namespace

constinit const CommandSpecification k_keygen_command{
    .name = "keygen",
    .summary = "make a pair of keys for signing",
    .description = "Makes an Ed25519 key and writes its two halves. Nothing is ever overwritten.",
    .options = k_keygen_options,
    .examples = k_keygen_examples,
    .sections = k_keygen_sections,
    .action = keygen_command};

} // namespace unik::cli
