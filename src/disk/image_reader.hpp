// Reading disk images back: the container, the partition table and our load table. Everything is
// checked (bounds, CRCs, overlaps); a hostile image is an Error `broken-image`, never a read
// outside the file nor memory beyond a few MiB.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <vocabulary/boot_record_layout.hpp>

#include <disk/gpt.hpp>
#include <disk/random_access.hpp>

namespace unik::disk {

// A disk's content, whatever its container.
class Image {
public:
    // qcow2 by its magic, raw otherwise.
    static Result<Image> open(RandomAccess file);

    const std::string& format() const { return format_; }
    Bytes size() const { return content_.size; }
    // Fails past the end.
    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) const;

private:
    Image(std::string format, RandomAccess content)
        : format_(std::move(format)), content_(std::move(content)) {}
    std::string format_;
    RandomAccess content_;
};

// Both headers and both copies of the entries must be right and agree.
Result<PartitionTable> read_partition_table(const Image& image);

struct LoadTable {
    std::string name;
    std::uint32_t kernel_entry = 0;
    std::vector<vocabulary::LoadEntry> entries;
};

// What our boot record would load: follows the MBR's packet to the load table.
Result<LoadTable> read_load_table(const Image& image);

// The content of a qcow2 file; RandomAccess::size is the disk's.
Result<RandomAccess> open_qcow2(RandomAccess file);

Error broken_image(const std::string& name, std::string reason);

} // namespace unik::disk
