#include <cli/session.hpp>

#include <cstdlib>

namespace unik::cli {

Result<manifests::Catalogue> load_catalogue(const Invocation& invocation) {
    std::string overlay = invocation.value("manifests");
    if (overlay.empty())
        if (const char* variable = std::getenv("UNIK_MANIFESTS"))
            overlay = variable;
    return manifests::Catalogue::load(overlay);
}

namespace {

template <typename T>
Result<T> as_usage(Result<T> found) {
    if (found.ok())
        return found;
    Error error = std::move(found).error();
    error.exit_code = ExitCode::usage;
    return error;
}

} // namespace

Result<const manifests::Target*> find_target(const manifests::Catalogue& catalogue,
                                             const std::string& name) {
    return as_usage(catalogue.target(name));
}

Result<manifests::TargetImage> find_image(const manifests::Catalogue& catalogue,
                                          const std::string& name) {
    return as_usage(catalogue.target_image(name));
}

} // namespace unik::cli
