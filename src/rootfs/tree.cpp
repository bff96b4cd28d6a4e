#include <rootfs/tree.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <vocabulary/erofs_layout.hpp>

namespace unik::rootfs {
namespace {

using toolchain::CollectedFile;

constexpr unsigned k_folder_mode = 0755;
constexpr std::uint64_t k_most_nodes = 1ULL << 26;

// A root that cannot be written needs its mount points from the start.
struct MountPoint {
    const char* path;
    unsigned mode;
};
constexpr unsigned k_shared_mode = 01777;
constexpr MountPoint k_mount_points[] = {
    {"/dev", k_folder_mode}, {"/proc", k_folder_mode}, {"/run", k_folder_mode},
    {"/sys", k_folder_mode}, {"/tmp", k_shared_mode},
};

// What the kernel writes when the machine starts, for C libraries, unless the image brings it: the
// files lie in memory, and the root leads to them.
constexpr const char* k_written_files[] = {"hosts", "hostname", "resolv.conf"};

using Files = std::map<std::string, CollectedFile>;

CollectedFile folder(std::string path, unsigned mode) {
    CollectedFile out;
    out.kind = NodeKind::directory;
    out.path = std::move(path);
    out.mode = mode;
    return out;
}

// reproducible-builds.org: seconds since 1970 that stand for every time in the output.
std::int64_t source_date() {
    const char* text = std::getenv("SOURCE_DATE_EPOCH");
    std::int64_t seconds = 0;
    if (text != nullptr)
        std::from_chars(text, text + std::strlen(text), seconds);
    return std::max<std::int64_t>(seconds, 0);
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

void add_written_files(Files& all) {
    const auto etc = all.find("/etc");
    if (etc != all.end() && etc->second.kind != NodeKind::directory)
        return;
    for (const std::string name : k_written_files) {
        CollectedFile link;
        link.kind = NodeKind::symbolic_link;
        link.path = "/etc/" + name;
        link.link_target = "/run/" + name;
        all.try_emplace(link.path, link);
    }
}

void add_folders_above(Files& all, const std::string& path) {
    for (std::string above = parent_of(path);
         all.try_emplace(above, folder(above, k_folder_mode)).second; above = parent_of(above)) {}
}

// All entries by path, with the folders above each.
Files with_folders(const toolchain::Application& application) {
    Files all;
    for (const CollectedFile& file : application.files)
        all[file.path] = file;
    for (const auto& [path, size] : application.manifest.tmpfs)
        all.try_emplace(path, folder(path, k_shared_mode));
    if (all.empty())
        return all;
    for (const MountPoint& point : k_mount_points)
        all.try_emplace(point.path, folder(point.path, point.mode));
    add_written_files(all);
    std::vector<std::string> paths;
    for (const auto& [path, file] : all)
        paths.push_back(path);
    for (const std::string& path : paths)
        add_folders_above(all, path);
    return all;
}

class TreeMaker {
public:
    explicit TreeMaker(Files files) : files_(std::move(files)) {}

    Result<Tree> make() {
        tree_.time = source_date();
        UNIK_TRY(sort_into_folders());
        if (files_.empty())
            return std::move(tree_);
        const CollectedFile& root = files_.at("/");
        UNIK_TRY(add(root, 0));
        std::vector<std::string> paths{"/"}; // of the nodes
        for (NodeIndex index = 0; index < tree_.nodes.size(); ++index)
            UNIK_TRY(add_entries(index, paths));
        return std::move(tree_);
    }

private:
    // Names by folder, in the order of their bytes.
    Result<void> sort_into_folders() {
        if (files_.size() > k_most_nodes)
            return make_error("rootfs-too-large",
                              fmt::format("the image has {} files, and at most {} can be in it",
                                          files_.size(), k_most_nodes));
        for (const auto& [path, file] : files_) {
            if (path == "/")
                continue;
            const std::string above = parent_of(path);
            if (files_.at(above).kind != NodeKind::directory)
                return make_error(
                    "rootfs-failed",
                    fmt::format("'{}' cannot be put below '{}', which is no folder", path, above),
                    "change 'to' of one of the two entries in 'files'");
            const std::string name = path.substr(path.rfind('/') + 1);
            if (name.size() > vocabulary::erofs::k_longest_name)
                return make_error(
                    "rootfs-failed",
                    fmt::format("the name '{}' has {} bytes, and a file's name has at "
                                "most {}",
                                name, name.size(), vocabulary::erofs::k_longest_name));
            names_[above].push_back(name);
        }
        for (auto& [path, names] : names_)
            std::sort(names.begin(), names.end());
        return {};
    }

    Result<void> add_entries(NodeIndex index, std::vector<std::string>& paths) {
        const auto names = names_.find(paths[index]);
        if (names == names_.end())
            return {};
        const std::string prefix = paths[index] == "/" ? "/" : paths[index] + "/";
        for (std::string& name : names->second) {
            const std::string path = prefix + name;
            const NodeIndex node = UNIK_TRY(add(files_.at(path), index));
            tree_.nodes[index].entries.push_back({std::move(name), node});
            paths.resize(tree_.nodes.size());
            if (tree_.nodes[node].kind == NodeKind::directory)
                paths[node] = path;
        }
        names_.erase(names);
        return {};
    }

    Result<NodeIndex> add(const CollectedFile& file, NodeIndex parent) {
        Node node;
        node.kind = file.kind;
        node.mode = file.kind == NodeKind::symbolic_link ? 0777 : file.mode & 07777;
        node.time = file.modified.value_or(tree_.time);
        const auto index = static_cast<NodeIndex>(tree_.nodes.size());
        switch (file.kind) {
        case NodeKind::directory:
            node.parent = parent;
            node.links = 2;
            if (index != 0)
                ++tree_.nodes[parent].links;
            break;
        case NodeKind::symbolic_link:
            node.target = file.link_target;
            node.size = file.link_target.size();
            break;
        case NodeKind::regular: {
            node.source = file.source;
            const NodeIndex same = UNIK_TRY(look_at_source(node, index));
            if (same != index) {
                ++tree_.nodes[same].links;
                return same;
            }
            break;
        }
        }
        tree_.nodes.push_back(std::move(node));
        return index;
    }

    // Its size; and the node that is the same file already, or `own`.
    Result<NodeIndex> look_at_source(Node& node, NodeIndex own) {
        struct stat status {};
        if (::stat(node.source.c_str(), &status) != 0)
            return file_error("read", node.source, errno);
        if (!S_ISREG(status.st_mode))
            return make_error("not-a-file",
                              fmt::format("'{}' is not a regular file", node.source.string()));
        node.size = static_cast<std::uint64_t>(status.st_size);
        if (status.st_nlink < 2)
            return own;
        return shared_.try_emplace({status.st_dev, status.st_ino, node.mode, node.time}, own)
            .first->second;
    }

    Files files_;
    std::map<std::string, std::vector<std::string>> names_;
    std::map<std::tuple<dev_t, ino_t, unsigned, std::int64_t>, NodeIndex> shared_;
    Tree tree_;
};

} // namespace

Result<Tree> make_tree(const toolchain::Application& application) {
    return TreeMaker(with_folders(application)).make();
}

} // namespace unik::rootfs
