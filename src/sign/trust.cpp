#include <sign/trust.hpp>

#include <cerrno>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>

#include <support/text.hpp>

namespace unik::sign {
namespace {

constexpr Bytes k_largest_signature{64 << 10};

Error not_signed(const OpenFile& file, const std::vector<TrustedKey>& keys) {
    if (keys.empty())
        return make_error(
            "no-signature",
            fmt::format("'{}' cannot be trusted: the policy holds no key", file.name()),
            "give it the public keys of those whom you trust", ExitCode::verification_refused);
    std::set<std::string> names;
    for (const TrustedKey& trusted : keys)
        names.insert(
            fmt::format("'{}'", std::filesystem::path(file.name()).filename().string() +
                                    std::string(signature_suffix(trusted.key->algorithm()))));
    const std::vector<std::string> wanted(names.begin(), names.end());
    return make_error(
        "no-signature",
        fmt::format("'{}' is not signed: there is no {}", file.name(), listing(wanted, "and no")),
        "ask its maker for a signature; 'unik sign' makes one", ExitCode::verification_refused);
}

Error by_nobody_trusted(const Error& last, const std::vector<TrustedKey>& keys) {
    if (keys.size() < 2)
        return last;
    std::vector<std::string> names;
    for (const TrustedKey& trusted : keys)
        names.push_back(fmt::format("'{}'", trusted.name));
    Error error = last;
    error.diagnostics[0].message += fmt::format("; none of {} fits", listing(names));
    return error;
}

} // namespace

Result<Signer> check_signature(const OpenFile& file, const std::vector<TrustedKey>& keys,
                               const FindSignature& find) {
    std::optional<Error> refusal;
    for (const TrustedKey& trusted : keys) {
        const auto found = UNIK_TRY(find(signature_suffix(trusted.key->algorithm())));
        if (!found)
            continue;
        auto bytes = found->read_all(k_largest_signature);
        if (!bytes.ok()) {
            bytes.error().exit_code = ExitCode::verification_refused;
            return bytes.error();
        }
        auto comment = trusted.key->check(file, bytes.value(), found->name());
        if (comment.ok())
            return Signer{trusted.name, trusted.key->id(), std::move(comment).value()};
        // That somebody else has signed says less than that what was signed is different.
        if (!refusal || refusal->diagnostics[0].id == "unknown-signer")
            refusal = comment.error();
    }
    if (!refusal)
        return not_signed(file, keys);
    return by_nobody_trusted(*refusal, keys);
}

FindSignature beside(const std::filesystem::path& file) {
    return [file](std::string_view suffix) -> Result<std::optional<OpenFile>> {
        const std::filesystem::path path = file.string() + std::string(suffix);
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR))
            return std::optional<OpenFile>();
        return std::optional<OpenFile>(UNIK_TRY(OpenFile::open(path)));
    };
}

} // namespace unik::sign
