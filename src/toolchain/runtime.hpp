// The interpreter, virtual machine or compiler that a language's programs are run or made with.
#pragma once

#include <filesystem>
#include <string>

#include <manifests/catalogue.hpp>
#include <support/result.hpp>
#include <toolchain/shell.hpp>
#include <unikfile/manifest.hpp>

namespace unik::toolchain {

struct FoundRuntime {
    std::filesystem::path program; // empty: the language has none
    std::filesystem::path root;    // the folder above its bin/
    bool chosen = false;           // by the Unikfile
};

// The Unikfile's build.runtime, else what $PATH has. An interpreter's symbolic links are resolved:
// it goes into the image. Errors: no-runtime; missing-tool (exit code 3).
Result<FoundRuntime> find_runtime(const manifests::Language& language,
                                  const unikfile::Manifest& manifest);

// "python 3.11.2", by the language's own script; empty when it has none. Error: no-runtime when the
// script prints no line that could be one.
Result<std::string> runtime_version(const manifests::Language& language, const Shell& shell);

} // namespace unik::toolchain
