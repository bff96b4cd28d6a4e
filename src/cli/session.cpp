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

Result<const manifests::Target*> find_target(const manifests::Catalogue& catalogue,
                                             const std::string& name) {
    auto target = catalogue.target(name);
    if (target.ok())
        return target.value();
    Error error = target.error();
    error.exit_code = ExitCode::usage;
    return error;
}

} // namespace unik::cli
