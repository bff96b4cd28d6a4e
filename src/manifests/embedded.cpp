// The files that scripts/cmake/embed.cmake put into the executable.
#include <manifests/catalogue.hpp>

#include <algorithm>

namespace {

// As embed.cmake lays it out.
struct TableEntry {
    const char* path;
    const std::uint8_t* data;
    std::uint64_t size;
};

} // namespace

extern "C" {
extern const TableEntry unik_embedded_table[];
extern const std::uint64_t unik_embedded_count;
}

namespace unik::manifests {
namespace {

std::vector<EmbeddedFile> sorted_table() {
    std::vector<EmbeddedFile> files;
    for (std::uint64_t i = 0; i < unik_embedded_count; ++i) {
        const TableEntry& entry = unik_embedded_table[i];
        files.push_back({entry.path, ByteSpan(entry.data, entry.size)});
    }
    std::sort(files.begin(), files.end(),
              [](const EmbeddedFile& a, const EmbeddedFile& b) { return a.path < b.path; });
    return files;
}

} // namespace

std::span<const EmbeddedFile> embedded_files() {
    static const std::vector<EmbeddedFile> files = sorted_table();
    return files;
}

const EmbeddedFile* find_embedded(std::string_view path) {
    const auto files = embedded_files();
    const auto found = std::lower_bound(
        files.begin(), files.end(), path,
        [](const EmbeddedFile& file, std::string_view wanted) { return file.path < wanted; });
    return found != files.end() && found->path == path ? &*found : nullptr;
}

} // namespace unik::manifests
