// Writing the image. Its UUID comes from the digests of all its blocks, so the superblock's block
// is put in its place when the others are there.
#include <rootfs/erofs.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <support/descriptor.hpp>
#include <vocabulary/erofs_layout.hpp>

namespace unik::rootfs {
namespace {

namespace erofs = vocabulary::erofs;

constexpr std::size_t k_piece = 1ULL << 18; // of a file, read at once

class ImageWriter {
public:
    ImageWriter(const Tree& tree, const Plan& plan, ImageFile& out)
        : tree_(tree), plan_(plan), out_(out), meta_(plan.meta_blocks * erofs::k_block_size),
          piece_(k_piece) {}

    Result<void> write() {
        put(erofs::k_superblock_offset, superblock());
        for (NodeIndex index = 0; index < tree_.nodes.size(); ++index)
            UNIK_TRY(place_inode(index));
        UNIK_TRY(out_.append(meta_));
        for (NodeIndex index = 0; index < tree_.nodes.size(); ++index)
            if (tree_.nodes[index].kind == NodeKind::directory && plan_.places[index].blocks > 0)
                UNIK_TRY(append_blocks(index, directory_content(tree_, plan_, index)));
        for (NodeIndex index = 0; index < tree_.nodes.size(); ++index)
            if (tree_.nodes[index].kind != NodeKind::directory && plan_.places[index].blocks > 0)
                UNIK_TRY(append_file(index));
        UNIK_TRY(out_.finish());
        return out_.replace_first_block(first_block());
    }

private:
    erofs::Superblock superblock() const {
        erofs::Superblock block{};
        block.magic = erofs::k_magic;
        block.compatible_features = erofs::k_feature_checksum | erofs::k_feature_mtime;
        block.block_bits = erofs::k_block_bits;
        block.root_node = static_cast<std::uint16_t>(plan_.places.at(0).inode / erofs::k_node_step);
        block.inode_count = tree_.nodes.size();
        block.time = static_cast<std::uint64_t>(tree_.time);
        block.blocks = static_cast<std::uint32_t>(plan_.blocks);
        return block;
    }

    void put(std::uint64_t offset, ByteSpan bytes) {
        std::copy(bytes.begin(), bytes.end(), meta_.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    void put(std::uint64_t offset, const erofs::Superblock& block) {
        put(offset, {reinterpret_cast<const std::uint8_t*>(&block), sizeof block});
    }

    Result<void> place_inode(NodeIndex index) {
        const Node& node = tree_.nodes[index];
        const Place& place = plan_.places[index];
        put(place.inode, inode_bytes(tree_, plan_, index));
        if (place.inline_size == 0)
            return {};
        std::uint64_t offset = place.inode + place.inode_size;
        switch (node.kind) {
        case NodeKind::directory: {
            const ByteVector content = directory_content(tree_, plan_, index);
            put(offset, ByteSpan(content).last(place.inline_size));
            return {};
        }
        case NodeKind::symbolic_link: put(offset, bytes_of(node.target)); return {};
        case NodeKind::regular:
            return read_source(node, [&](ByteSpan bytes) -> Result<void> {
                put(offset, bytes);
                offset += bytes.size();
                return {};
            });
        }
        return {};
    }

    static ByteSpan bytes_of(const std::string& text) {
        return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    }

    Result<void> append_blocks(NodeIndex index, ByteSpan content) {
        const Place& place = plan_.places[index];
        UNIK_TRY(out_.append(content.first(place.size - place.inline_size)));
        out_.fill_block();
        return {};
    }

    Result<void> append_file(NodeIndex index) {
        const Node& node = tree_.nodes[index];
        if (node.kind == NodeKind::symbolic_link)
            return append_blocks(index, bytes_of(node.target));
        UNIK_TRY(read_source(node, [&](ByteSpan bytes) { return out_.append(bytes); }));
        out_.fill_block();
        return {};
    }

    static Error changed(const Node& node) {
        return make_error(
            "file-changed",
            fmt::format("'{}' had {} bytes when the build began, and has not any more",
                        node.source.string(), node.size),
            "build again when nothing writes to the project's files");
    }

    // The source's bytes, piece by piece: as many as it had.
    template <typename Take>
    Result<void> read_source(const Node& node, Take&& take) {
        const Descriptor file(::open(node.source.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file.is_open())
            return file_error("read", node.source, errno);
        std::uint64_t left = node.size;
        while (true) {
            const ssize_t got = ::read(file.get(), piece_.data(), piece_.size());
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return file_error("read", node.source, errno);
            if (static_cast<std::uint64_t>(got) > left || (got == 0 && left > 0))
                return changed(node);
            if (got == 0)
                return {};
            left -= static_cast<std::uint64_t>(got);
            UNIK_TRY(take(ByteSpan(piece_).first(static_cast<std::size_t>(got))));
        }
    }

    // With what depends on everything else. The UUID has version 8 (RFC 9562: the maker's own
    // scheme); its bytes stand in the order of its text.
    ByteVector first_block() {
        erofs::Superblock block = superblock();
        Sha256 hash;
        for (const Digest& digest : out_.digests())
            hash.update(digest);
        const Digest id = hash.finish();
        std::copy_n(id.begin(), sizeof block.uuid, block.uuid);
        block.uuid[6] = static_cast<std::uint8_t>((block.uuid[6] & 0x0f) | 0x80);
        block.uuid[8] = static_cast<std::uint8_t>((block.uuid[8] & 0x3f) | 0x80);
        put(erofs::k_superblock_offset, block);
        block.checksum = erofs_checksum(
            ByteSpan(meta_).first(erofs::k_block_size).subspan(erofs::k_superblock_offset));
        put(erofs::k_superblock_offset, block);
        return ByteVector(meta_.begin(), meta_.begin() + erofs::k_block_size);
    }

    const Tree& tree_;
    const Plan& plan_;
    ImageFile& out_;
    ByteVector meta_;
    ByteVector piece_;
};

} // namespace

Result<void> write_image(const Tree& tree, const Plan& plan, ImageFile& out) {
    return ImageWriter(tree, plan, out).write();
}

std::uint32_t erofs_checksum(ByteSpan bytes) {
    constexpr std::uint32_t k_polynomial = 0x82f63b78; // reflected
    std::uint32_t value = 0xffffffff;
    for (const std::uint8_t byte : bytes) {
        value ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            value = value >> 1 ^ ((value & 1) != 0 ? k_polynomial : 0);
    }
    return value;
}

} // namespace unik::rootfs
