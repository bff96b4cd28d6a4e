// The Unikfile's parser on any bytes: a manifest, or diagnostics that can be printed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <unikfile/unikfile.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    const auto manifest = unik::unikfile::parse("Unikfile", std::move(text), "/project");
    if (!manifest.ok()) {
        if (manifest.error().diagnostics.empty() || to_text(manifest.error()).empty())
            std::abort();
        return 0;
    }
    for (const auto& file : manifest->files) {
        if (file.from.empty() || file.from.starts_with("..") || !file.to.starts_with('/'))
            std::abort();
    }
    return 0;
}
