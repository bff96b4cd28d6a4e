// The image's files as a tree in which paths are followed as in the guest, links included, and to
// which files of the host are added under the paths by which they are known there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <toolchain/application.hpp>

namespace unik::toolchain {

class ImageTree {
public:
    explicit ImageTree(std::vector<CollectedFile> files);

    // The file that an absolute path leads to; null: no regular file of the image.
    const CollectedFile* find(const std::string& path) const;
    // The same, but what is missing on the way is taken from the host: links and folders as they
    // are there, and the file itself. Null, with nothing added, where that leads to no regular
    // file.
    const CollectedFile* take(const std::string& path);
    // A file of the host under another path. Null where something stands in the way.
    const CollectedFile* place(const std::string& path, const std::filesystem::path& source);

    // Why files are there, by path, where nobody has said so.
    void explain(const std::map<std::string, std::string>& reasons);
    // Sorted by path.
    std::vector<CollectedFile> files() const;

private:
    enum class Missing { stays, from_host };
    const CollectedFile* walk(const std::string& path, Missing missing);
    bool add_from_host(const std::string& path);

    std::map<std::string, CollectedFile> entries_;
    std::vector<std::string> added_; // by the walk under way
};

} // namespace unik::toolchain
