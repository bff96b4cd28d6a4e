#include <rootfs/rootfs.hpp>

#include <fmt/format.h>

#include <rootfs/erofs.hpp>

namespace unik::rootfs {
namespace {

using unikfile::RootForm;
using vocabulary::RootPlace;

// A kernel is linked into one GiB, and has more in it than the root.
constexpr Bytes k_most_embedded{768ULL << 20};

struct Choice {
    RootPlace place;
    std::string reason;
};

Choice choose(RootForm form, Bytes size) {
    switch (form) {
    case RootForm::embedded: return {RootPlace::embedded, "'root: embedded' in the Unikfile"};
    case RootForm::disk: return {RootPlace::disk, "'root: disk' in the Unikfile"};
    case RootForm::automatic: break;
    }
    if (size <= k_largest_embedded)
        return {RootPlace::embedded,
                fmt::format("a root of at most {} is embedded", to_text(k_largest_embedded))};
    return {RootPlace::disk,
            fmt::format("a root of more than {} lies on the disk", to_text(k_largest_embedded))};
}

Result<void> check_size(RootPlace place, Bytes size) {
    if (place != RootPlace::embedded || size <= k_most_embedded)
        return {};
    return make_error("rootfs-too-large",
                      fmt::format("the image's files make a root file system of {}, and at most {} "
                                  "can be embedded in the kernel",
                                  to_text(size), to_text(k_most_embedded)),
                      "write 'root: disk' in the Unikfile, or leave files out with .unikignore");
}

} // namespace

Result<RootFs> build(const toolchain::Application& application,
                     const std::filesystem::path& folder) {
    RootFs root;
    const Tree tree = UNIK_TRY(make_tree(application));
    if (tree.nodes.empty())
        return root;
    const Plan plan = UNIK_TRY(make_plan(tree));
    const Bytes size{plan.blocks * vocabulary::k_root_block_size};
    const Choice choice = choose(application.manifest.root, size);
    UNIK_TRY(check_size(choice.place, size));
    root.place = choice.place;
    root.reason = choice.reason;
    root.file_count = tree.nodes.size();
    ImageFile file = UNIK_TRY(ImageFile::create(folder));
    UNIK_TRY(write_image(tree, plan, file));
    root.image = UNIK_TRY(file.map());
    if (root.place == RootPlace::disk)
        root.hashes = make_hash_tree(file.digests());
    return root;
}

} // namespace unik::rootfs
