#include <cli/verification.hpp>

#include <fmt/format.h>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

// What refuses says by which policy.
Error by_policy(Error error, const sign::Policy& policy) {
    for (Diagnostic& diagnostic : error.diagnostics)
        diagnostic.notes.push_back(
            fmt::format("the policy '{}' asks for a signature", policy.file().string()));
    error.exit_code = ExitCode::verification_refused;
    return error;
}

Result<bundle::Verified> check_bundle(const bundle::Contents& contents,
                                      const std::vector<sign::TrustedKey>& keys,
                                      const bundle::Contents::Wanted& wanted) {
    UNIK_TRY(check_signature(contents, keys));
    return contents.verify(wanted);
}

// A signature of its own counts; else the signed bundle that the file is a part of.
Result<OpenFile> check_file(const fs::path& path, sign::Use use, const sign::Policy& policy) {
    const OpenFile file = UNIK_TRY(OpenFile::open(path));
    std::error_code status;
    const fs::path real = fs::canonical(path, status);
    const fs::path folder = status ? path.parent_path() : real.parent_path();
    const std::string name = (status ? path : real).filename().string();
    if (is_bundle(folder)) {
        const bundle::Contents contents = UNIK_TRY(bundle::Contents::open(folder));
        const auto keys = policy.required_for(use, contents.name());
        if (!keys)
            return OpenFile::open(path);
        auto verified = UNIK_TRY(
            check_bundle(contents, *keys, [&](const bundle::Image&, const std::string& other) {
                return other == name;
            }));
        const auto found = verified.files.find(name);
        if (found == verified.files.end())
            return make_error(
                "unexpected-file",
                fmt::format("'{}' is not a file that the bundle's record names", path.string()), {},
                ExitCode::verification_refused);
        return std::move(found->second);
    }
    const auto keys = policy.required_for(use, name);
    if (!keys)
        return OpenFile::open(path);
    OpenFile copy = UNIK_TRY(file.copy()).file;
    UNIK_TRY(sign::check_signature(copy, *keys, sign::beside(path)));
    return copy;
}

} // namespace

bool is_bundle(const fs::path& path) {
    std::error_code status;
    return fs::is_directory(path, status) &&
           fs::symlink_status(path / "image.json", status).type() != fs::file_type::not_found;
}

Result<sign::Signer> check_signature(const bundle::Contents& contents,
                                     const std::vector<sign::TrustedKey>& keys) {
    return sign::check_signature(contents.record(), keys, [&](std::string_view suffix) {
        return contents.signature(suffix);
    });
}

Result<std::optional<bundle::Verified>> admit_bundle(const Invocation& invocation, sign::Use use,
                                                     const fs::path& path,
                                                     const bundle::Contents::Wanted& wanted) {
    const auto policy = UNIK_TRY(sign::find_policy(invocation.value(k_policy.name)));
    if (!policy)
        return std::optional<bundle::Verified>();
    const bundle::Contents contents = UNIK_TRY(bundle::Contents::open(path));
    const auto keys = policy->required_for(use, contents.name());
    if (!keys)
        return std::optional<bundle::Verified>();
    auto verified = check_bundle(contents, *keys, wanted);
    if (!verified.ok())
        return by_policy(verified.error(), *policy);
    return std::optional<bundle::Verified>(std::move(verified).value());
}

Result<OpenFile> admit_file(const Invocation& invocation, sign::Use use, const fs::path& path) {
    const auto policy = UNIK_TRY(sign::find_policy(invocation.value(k_policy.name)));
    if (!policy)
        return OpenFile::open(path);
    auto file = check_file(path, use, *policy);
    if (!file.ok())
        return by_policy(file.error(), *policy);
    return file;
}

} // namespace unik::cli
