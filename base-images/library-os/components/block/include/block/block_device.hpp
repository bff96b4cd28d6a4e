// Block devices between a driver and who reads and writes them.
//
// Nothing here is called in interrupt context.
#pragma once

#include <cstdint>

#include <foundation/list.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::block {

enum class Direction { read, write };
enum class Access { read_only, read_write };

class BlockDevice : public ListNode<> {
public:
    virtual ~BlockDevice() = default;

    const char* name() const { return name_; }     // as Linux names it: "vda", "sda", "nvme0n1"
    virtual std::uint32_t sector_size() const = 0; // bytes: a power of two, 512 to 4096
    // What the medium is written in, where the device says so.
    virtual std::uint32_t physical_sector_size() const { return sector_size(); }
    virtual std::uint64_t sector_count() const = 0;
    virtual Access access() const = 0;
    // The most bytes of one transfer: a multiple of the sector size, at least 4096.
    virtual std::size_t most_bytes() const = 0;

    // Blocks the calling thread; several may call at once. The buffer is physically contiguous
    // kernel memory of whole sectors, at most most_bytes(), aligned to 4 bytes at least; the
    // sectors lie within the device (checked by read() and write() below). eio: the device
    // refused, is gone, or said nothing for k_patience; it never hangs.
    virtual Result<void> transfer(Direction direction, std::uint64_t sector,
                                  MutableBytes buffer) = 0;
    // What was written is on stable storage when it returns.
    virtual Result<void> flush() = 0;

private:
    friend Result<void> register_device(BlockDevice& device, const char* prefix);
    friend bool may_report(BlockDevice& device);
    char name_[16] = {};
    unsigned reports_ = 0;
};

inline constexpr std::uint64_t k_patience_milliseconds = 10'000;
inline constexpr std::uint32_t k_least_sector_size = 512;
inline constexpr std::uint32_t k_greatest_sector_size = 4096;

// Drivers register what they attach to, for ever. The prefix decides the name: "vd" and "sd" count
// in letters (vda, vdb, … vdz, vdaa), "nvme" (nvme0n1) and "sr" (sr0) in numbers. einval: the
// device's sizes break the rules above.
Result<void> register_device(BlockDevice& device, const char* prefix);
List<BlockDevice>& registered_devices();

// For drivers: a warning on the console that a request failed, and why; only the first few of each
// device. `sector` and `count` say where, in sectors.
void report_failure(BlockDevice& device, Direction direction, std::uint64_t sector,
                    std::size_t count, const char* why);
// The same for what is not a transfer ("flush failed"), or the device's end ("given up").
void report(BlockDevice& device, const char* what);

// Any bytes at any offset, through a buffer of its own where offset or memory are not aligned.
// Returns how many: fewer than asked for at the device's end only. Writing to a read-only device:
// erofs. After an error, some of the bytes may have been read or written.
Result<std::size_t> read(BlockDevice& device, std::uint64_t offset, MutableBytes out);
Result<std::size_t> write(BlockDevice& device, std::uint64_t offset, Bytes bytes);

inline std::uint64_t byte_size(const BlockDevice& device) {
    return device.sector_count() * device.sector_size();
}

} // namespace os::block
