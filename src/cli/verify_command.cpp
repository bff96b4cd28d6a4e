#include <cli/commands.hpp>

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <bundle/contents.hpp>
#include <cli/terminal.hpp>
#include <cli/verification.hpp>
#include <sign/authenticode.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_largest_certificate{64 << 10};
constexpr Bytes k_largest_program{1ULL << 30};

constexpr Option k_key{
    .name = "key",
    .letter = 'k',
    .kind = ValueKind::file,
    .value_name = "PUBLIC",
    .description = "A public key that is trusted: a file, env:NAME, or the key itself. One of "
                   "those given must have signed. Default: the keys of the policy.",
    .repeat = Repeat::many};

struct Keys {
    std::vector<std::pair<std::string, sign::PublicKey>> given;
    std::optional<sign::Policy> policy;

    std::vector<sign::TrustedKey> trusted() const {
        if (policy)
            return policy->keys();
        std::vector<sign::TrustedKey> out;
        for (const auto& [name, key] : given)
            out.push_back({name, &key});
        return out;
    }
};

// A key that was written out needs no name; its id follows anyway.
std::string name_of(const std::string& given) {
    return given.find('\n') == std::string::npos && !given.starts_with("RW") ? given : "the key";
}

Result<Keys> read_keys(const Invocation& invocation) {
    Keys keys;
    for (const std::string& given : invocation.all(k_key.name))
        keys.given.emplace_back(name_of(given), UNIK_TRY(sign::read_public_key(given)));
    if (!keys.given.empty())
        return keys;
    keys.policy = UNIK_TRY(sign::find_policy(invocation.value(k_policy.name)));
    if (!keys.policy)
        return make_error("usage", "--key is missing, and there is no policy with keys",
                          "give the public key of whom you trust", ExitCode::usage);
    return keys;
}

struct Verdict {
    sign::Signer signer;
    std::size_t files = 1;
};

Result<Verdict> verify(const fs::path& path, const std::vector<sign::TrustedKey>& keys) {
    std::error_code status;
    if (!fs::is_directory(path, status)) {
        const OpenFile file = UNIK_TRY(OpenFile::open(path));
        return Verdict{UNIK_TRY(sign::check_signature(file, keys, sign::beside(path)))};
    }
    const bundle::Contents contents = UNIK_TRY(bundle::Contents::open(path));
    const sign::Signer signer = UNIK_TRY(check_signature(contents, keys));
    const bundle::Verified verified =
        UNIK_TRY(contents.verify([](const bundle::Image&, const std::string&) { return false; }));
    return Verdict{signer, verified.image.digests.size() + 1};
}

// The signature inside an EFI program.
int verify_program(const std::string& path, const std::string& certificate_path) {
    const auto check = [&]() -> Result<std::string> {
        const auto certificate = UNIK_TRY(sign::Certificate::parse(
            UNIK_TRY(read_file(certificate_path, k_largest_certificate)), certificate_path));
        const ByteVector program = UNIK_TRY(read_file(path, k_largest_program));
        auto checked = sign::check_program(program, path, certificate);
        if (!checked.ok()) {
            checked.error().exit_code = ExitCode::verification_refused;
            return checked.error();
        }
        return certificate.subject();
    };
    const auto signer = check();
    if (!signer.ok())
        return report(signer.error());
    print(fmt::format("verified: {}, signed for Secure Boot by {}\n", path,
                      printable(signer.value())));
    return 0;
}

int verify_command(const Invocation& invocation) {
    if (invocation.has("certificate"))
        return verify_program(invocation.value("PATH"), invocation.value("certificate"));
    const auto keys = read_keys(invocation);
    if (!keys.ok())
        return report(keys.error());
    const std::string path = invocation.value("PATH");
    const auto verdict = verify(path, keys->trusted());
    if (!verdict.ok())
        return report(verdict.error());
    const sign::Signer& signer = verdict->signer;
    if (invocation.has("json")) {
        const nlohmann::ordered_json document{
            {"verified", true},      {"path", path},     {"files", verdict->files},
            {"signer", signer.name}, {"key", signer.id}, {"comment", signer.comment}};
        print(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
        return 0;
    }
    print(fmt::format("verified: {} ({} file{}), signed by {} ({})\n", path, verdict->files,
                      verdict->files == 1 ? "" : "s", signer.name, signer.id));
    if (!signer.comment.empty())
        print(fmt::format("comment:  {}\n", printable(signer.comment)));
    return 0;
}

constexpr std::array k_verify_options{
    k_key, k_policy,
    Option{.name = "certificate",
           .kind = ValueKind::file,
           .value_name = "CERT",
           .description = "Check the signature for Secure Boot inside an EFI program instead: this "
                          "certificate, PEM or DER, must have signed."},
    k_json};
constexpr std::array k_verify_positionals{
    Positional{.name = "PATH",
               .kind = ValueKind::file,
               .description = "A bundle, or a file with its signature beside it.",
               .required = true},
};
constexpr std::array k_verify_examples{
    Example{"unik verify web.unik --key release.pub", "check a bundle"},
    Example{"unik verify disk.vmdk --key RWQ…", "check a file, the key written out"},
};

constexpr std::string_view k_verify_sections = R"(# WHAT IS CHECKED
Of a bundle: the signature of image.json, and that the folder holds what image.json names and nothing
else. Each file that was changed, added or renamed or is missing is named. Symbolic links, folders and
special files are refused. Of a file: FILE.minisig, or FILE.sig for a P-256 key.

Every refusal has exit code 4.)";

} // namespace

constinit const CommandSpecification k_verify_command{
    .name = "verify",
    .summary = "check the signature of a bundle or a file",
    .description = "Checks that somebody trusted has signed, and that nothing is different since.",
    .options = k_verify_options,
    .positionals = k_verify_positionals,
    .examples = k_verify_examples,
    .sections = k_verify_sections,
    .action = verify_command};

} // namespace unik::cli
