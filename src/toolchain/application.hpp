// What the toolchain stage hands on: an executable and the files that go with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <manifests/catalogue.hpp>
#include <support/file.hpp>
#include <toolchain/workspace.hpp>
#include <unikfile/manifest.hpp>

namespace unik::toolchain {

// One entry of the image's root file system. Exactly one of content and link_target counts.
struct CollectedFile {
    enum class Kind { regular, directory, symbolic_link };
    Kind kind = Kind::regular;
    std::string path; // absolute, normalised, without a trailing slash
    unsigned mode = 0644;
    std::filesystem::path source; // regular: where its bytes are on the host
    std::string link_target;
    // Seconds since 1970, where the application looks at the time; unset: SOURCE_DATE_EPOCH.
    std::optional<std::int64_t> modified{};
    std::string
        reason{}; // why it is there, where it comes from no Unikfile: "needed by '/bin/app'"
};

struct Application {
    unikfile::Manifest manifest; // language, entrypoint and the recipe's args and env filled in
    manifests::Language language;
    std::string runtime;                        // "python 3.11.2"; empty: none, or not known
    std::shared_ptr<const Workspace> workspace; // what was built stays as it is for as long
    std::filesystem::path executable_path;      // on the host
    ByteVector executable;                      // the ELF file's bytes, checked by analysis
    std::vector<CollectedFile> files; // sorted by path, the executable itself not among them
};

} // namespace unik::toolchain
