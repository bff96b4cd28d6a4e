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

} // namespace unik::cli
