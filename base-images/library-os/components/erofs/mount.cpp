#include <erofs/erofs.hpp>

#include <console/console.hpp>
#include <vfs/mount.hpp>

#include "node.hpp"

namespace os::erofs {

Result<void> mount(const char* mount_point, BlockSource& source) {
    const char* why = "";
    Result<Volume> volume = Volume::create(source, why);
    if (!volume.ok()) {
        console::log(
            "the file system for %s: expected an EROFS image of %llu blocks, but %s; build "
            "the image again",
            mount_point, static_cast<unsigned long long>(source.block_count()), why);
        return volume.error();
    }
    Image& image = *UNIK_TRY(try_make<Image>(volume.value())).release();
    const Ref<Node> root = UNIK_TRY(image.node(image.volume().root_node(), {}, ""));
    if (!root->is_directory()) {
        console::log(
            "the file system for %s: expected a folder as its root, found a file; build the "
            "image again",
            mount_point);
        return Errno::euclean;
    }
    return vfs::mount(mount_point, root);
}

} // namespace os::erofs
