// What the root file system holds, as nodes: the collected files, the folders above them, and the
// places where the kernel mounts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <support/result.hpp>
#include <toolchain/application.hpp>

namespace unik::rootfs {

using NodeIndex = std::uint32_t;
using NodeKind = toolchain::CollectedFile::Kind;

struct Entry {
    std::string name;
    NodeIndex node = 0;
};

struct Node {
    NodeKind kind = NodeKind::directory;
    unsigned mode = 0755;
    std::int64_t time = 0; // seconds since 1970
    std::uint32_t links = 1;
    std::uint64_t size = 0; // regular: of the source when it was looked at
    std::filesystem::path source;
    std::string target;
    NodeIndex parent = 0;       // directory: the root is its own
    std::vector<Entry> entries; // directory: sorted by name as bytes, without "." and ".."
};

// The root first; a directory's entries follow one another, behind all directories before it.
struct Tree {
    std::vector<Node> nodes;
    std::int64_t time = 0; // SOURCE_DATE_EPOCH, or 0: of whatever has no time of its own
};

// Regular files that are one file on the host, with the same mode, are one node with several
// links. Neither files nor mount points: no nodes at all. Errors: rootfs-failed, file-error.
Result<Tree> make_tree(const toolchain::Application& application);

} // namespace unik::rootfs
