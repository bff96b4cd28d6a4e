// Any bytes at any offset over transfers of whole sectors.
//
// Who writes claims the sectors first: a partial sector is read, changed and written, and what
// another thread writes to it meanwhile would be lost.
#include <block/block_device.hpp>
#include <threads/wait_queue.hpp>

#include "pieces.hpp"
#include <block/transfer_buffer.hpp>

namespace os::block {

namespace {

class SectorClaim : public ListNode<> {
public:
    // Waits until no other claim overlaps.
    SectorClaim(BlockDevice& device, std::uint64_t sector, std::uint64_t count)
        : device_(device), sector_(sector), end_(sector + count) {
        while (overlaps_another())
            s_released.wait(k_forever, threads::Interruptible::no);
        s_claims.push_back(*this);
    }
    SectorClaim(const SectorClaim&) = delete;
    SectorClaim& operator=(const SectorClaim&) = delete;
    ~SectorClaim() {
        unlink();
        s_released.wake_all();
    }

private:
    bool overlaps_another() const {
        bool overlaps = false;
        s_claims.for_each([&](SectorClaim& other) {
            overlaps = overlaps ||
                       (&other.device_ == &device_ && other.sector_ < end_ && sector_ < other.end_);
        });
        return overlaps;
    }

    static constinit List<SectorClaim> s_claims;
    static constinit threads::WaitQueue s_released;

    BlockDevice& device_;
    std::uint64_t sector_;
    std::uint64_t end_;
};

constinit List<SectorClaim> SectorClaim::s_claims;
constinit threads::WaitQueue SectorClaim::s_released;

// The part of `size` bytes from `offset` on that lies within the device.
std::size_t within(const BlockDevice& device, std::uint64_t offset, std::size_t size) {
    const std::uint64_t end = byte_size(device);
    const std::uint64_t left = offset < end ? end - offset : 0;
    return left < size ? static_cast<std::size_t>(left) : size;
}

std::size_t lesser(std::size_t a, std::size_t b) {
    return a < b ? a : b;
}

Result<void> read_through_buffer(BlockDevice& device, std::uint64_t offset, MutableBytes out) {
    const TransferBuffer buffer = UNIK_TRY(
        TransferBuffer::create(lesser(out.size() + 2 * device.sector_size(), device.most_bytes())));
    const std::size_t most = lesser(buffer.size(), device.most_bytes());
    while (!out.empty()) {
        const Piece piece = first_piece(offset, out.size(), device.sector_size(), most);
        const MutableBytes sectors = buffer.part(piece.size);
        UNIK_TRY(device.transfer(Direction::read, piece.sector, sectors));
        __builtin_memcpy(out.data(), sectors.data() + piece.skip, piece.wanted);
        out = out.part(piece.wanted);
        offset += piece.wanted;
    }
    return {};
}

// `sectors` is memory for the piece; where all of it is wanted, it may be what `bytes` is.
Result<void> write_piece(BlockDevice& device, const Piece& piece, MutableBytes sectors,
                         Bytes bytes) {
    const SectorClaim claim(device, piece.sector, piece.size / device.sector_size());
    if (!piece.whole())
        UNIK_TRY(device.transfer(Direction::read, piece.sector, sectors));
    if (sectors.data() != bytes.data())
        __builtin_memcpy(sectors.data() + piece.skip, bytes.data(), piece.wanted);
    return device.transfer(Direction::write, piece.sector, sectors);
}

Result<void> write_through_buffer(BlockDevice& device, std::uint64_t offset, Bytes bytes) {
    const TransferBuffer buffer = UNIK_TRY(TransferBuffer::create(
        lesser(bytes.size() + 2 * device.sector_size(), device.most_bytes())));
    const std::size_t most = lesser(buffer.size(), device.most_bytes());
    while (!bytes.empty()) {
        // Whole sectors need not be read first, so a partial first or last one goes by itself.
        Piece piece = first_whole_piece(offset, bytes.size(), device.sector_size(), most);
        if (piece.size == 0)
            piece = first_piece(offset, bytes.size(), device.sector_size(), device.sector_size());
        UNIK_TRY(write_piece(device, piece, buffer.part(piece.size), bytes));
        bytes = bytes.part(piece.wanted);
        offset += piece.wanted;
    }
    return {};
}

} // namespace

Result<std::size_t> read(BlockDevice& device, std::uint64_t offset, MutableBytes out) {
    const std::size_t size = within(device, offset, out.size());
    out = out.part(0, size);
    while (is_transferable(out.data()) && !out.empty()) {
        const Piece piece =
            first_whole_piece(offset, out.size(), device.sector_size(), device.most_bytes());
        if (piece.size == 0)
            break;
        UNIK_TRY(device.transfer(Direction::read, piece.sector, out.part(0, piece.size)));
        out = out.part(piece.size);
        offset += piece.size;
    }
    if (!out.empty())
        UNIK_TRY(read_through_buffer(device, offset, out));
    return size;
}

Result<std::size_t> write(BlockDevice& device, std::uint64_t offset, Bytes bytes) {
    if (device.access() == Access::read_only)
        return Errno::erofs;
    const std::size_t size = within(device, offset, bytes.size());
    bytes = bytes.part(0, size);
    while (is_transferable(bytes.data()) && !bytes.empty()) {
        const Piece piece =
            first_whole_piece(offset, bytes.size(), device.sector_size(), device.most_bytes());
        if (piece.size == 0)
            break;
        // A device only reads from what it is given to write.
        const MutableBytes sectors{const_cast<std::uint8_t*>(bytes.data()), piece.size};
        UNIK_TRY(write_piece(device, piece, sectors, bytes));
        bytes = bytes.part(piece.size);
        offset += piece.size;
    }
    if (!bytes.empty())
        UNIK_TRY(write_through_buffer(device, offset, bytes));
    return size;
}

} // namespace os::block
