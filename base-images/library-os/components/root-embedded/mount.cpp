// The image is in memory already: its blocks are handed out where they lie.
#include <erofs/erofs.hpp>
#include <foundation/immortal.hpp>
#include <memory/frames.hpp>
#include <vocabulary/root_layout.hpp>

extern "C" const vocabulary::RootRecord unik_root;

namespace os::root_embedded {

Result<void> mount(const char* mount_point);

namespace {

class EmbeddedImage final : public erofs::BlockSource {
public:
    std::uint64_t block_count() const override {
        return unik_root.size / vocabulary::k_root_block_size;
    }
    Result<PhysAddr> hold(std::uint64_t block, std::uint64_t) override {
        const auto* image = reinterpret_cast<const std::uint8_t*>(unik_root.image);
        return memory::physical_address(image) + block * vocabulary::k_root_block_size;
    }
    void release(std::uint64_t, PhysAddr) override {}
};

constinit Immortal<EmbeddedImage> g_image;

} // namespace

Result<void> mount(const char* mount_point) {
    return erofs::mount(mount_point, *g_image);
}

} // namespace os::root_embedded
