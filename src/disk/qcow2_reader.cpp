#include <disk/image_reader.hpp>

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include <disk/qcow2.hpp>

namespace unik::disk {
namespace {

constexpr std::uint32_t k_smallest_bits = 9;
constexpr std::uint32_t k_largest_bits = 21;
constexpr std::uint64_t k_largest_l1 = 1ULL << 20; // entries; ours of a 1 TiB disk has 2,048
constexpr std::uint64_t k_largest_disk = 1ULL << 50;

class Qcow2 {
public:
    static Result<std::shared_ptr<Qcow2>> open(RandomAccess file);
    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out);
    std::uint64_t size() const { return header_.size; }

private:
    explicit Qcow2(RandomAccess file) : file_(std::move(file)) {}
    Result<void> check_header() const;
    Result<void> load_l1();
    Result<void> load_l2(std::uint64_t slot);
    Result<void> read_cluster(std::uint64_t offset, std::span<std::uint8_t> out);
    Result<void> read_file(std::uint64_t offset, std::span<std::uint8_t> out) const;
    std::uint64_t cluster() const { return 1ULL << header_.cluster_bits; }

    RandomAccess file_;
    Qcow2Header header_{};
    std::vector<Be64> l1_;
    std::vector<Be64> l2_; // of l2_slot_
    std::uint64_t l2_slot_ = ~0ULL;
};

Result<void> Qcow2::read_file(std::uint64_t offset, std::span<std::uint8_t> out) const {
    if (offset > file_.size.value || out.size() > file_.size.value - offset)
        return broken_image(file_.name, fmt::format("it refers to offset {:#x}, but has {} bytes",
                                                    offset, file_.size.value));
    return file_.read(offset, out);
}

Result<void> Qcow2::check_header() const {
    const struct {
        bool wrong;
        const char* what;
    } checks[] = {
        {header_.version != 3, "its version is not 3"},
        {header_.cluster_bits < k_smallest_bits || header_.cluster_bits > k_largest_bits,
         "its cluster size is not between 512 bytes and 2 MiB"},
        {header_.backing_file_offset != 0, "it has a backing file"},
        {header_.crypt_method != 0, "it is encrypted"},
        {header_.incompatible_features != 0, "it has features that unik does not know"},
        {header_.snapshot_count != 0, "it has snapshots"},
        {header_.size > k_largest_disk, "its disk is larger than 1 PiB"},
        {header_.l1_size > k_largest_l1, "its L1 table is too large"},
    };
    for (const auto& check : checks) {
        if (check.wrong)
            return broken_image(file_.name, check.what);
    }
    const std::uint64_t covered = cluster() * (cluster() / sizeof(Be64));
    if (header_.l1_size < (header_.size + covered - 1) / covered)
        return broken_image(file_.name, "its L1 table does not cover the disk");
    return {};
}

Result<void> Qcow2::load_l1() {
    const std::uint64_t bytes = header_.l1_size * sizeof(Be64);
    if (header_.l1_table_offset > file_.size.value ||
        bytes > file_.size.value - header_.l1_table_offset)
        return broken_image(file_.name, "its L1 table lies outside the file");
    l1_.resize(header_.l1_size);
    return read_file(header_.l1_table_offset, {reinterpret_cast<std::uint8_t*>(l1_.data()), bytes});
}

Result<void> Qcow2::load_l2(std::uint64_t slot) {
    if (slot == l2_slot_)
        return {};
    l2_slot_ = ~0ULL;
    l2_.assign(cluster() / sizeof(Be64), Be64(0));
    const std::uint64_t offset = l1_[slot] & k_qcow2_offset_mask;
    if (offset % cluster() != 0)
        return broken_image(file_.name, "an L2 table does not begin at a cluster");
    if (offset != 0)
        UNIK_TRY(read_file(offset, {reinterpret_cast<std::uint8_t*>(l2_.data()), cluster()}));
    l2_slot_ = slot;
    return {};
}

// Within one guest cluster.
Result<void> Qcow2::read_cluster(std::uint64_t offset, std::span<std::uint8_t> out) {
    const std::uint64_t index = offset / cluster();
    const std::uint64_t per_table = cluster() / sizeof(Be64);
    UNIK_TRY(load_l2(index / per_table));
    const std::uint64_t entry = l2_[index % per_table];
    if ((entry & k_qcow2_compressed) != 0)
        return broken_image(file_.name, "it has compressed clusters, which unik does not read");
    const std::uint64_t where = entry & k_qcow2_offset_mask;
    if (where == 0 || (entry & k_qcow2_reads_as_zeros) != 0) {
        std::fill(out.begin(), out.end(), std::uint8_t{0});
        return {};
    }
    if (where % cluster() != 0)
        return broken_image(file_.name, "a data cluster does not begin at a cluster");
    return read_file(where + offset % cluster(), out);
}

Result<void> Qcow2::read(std::uint64_t offset, std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const std::uint64_t room = cluster() - offset % cluster();
        const std::size_t count = std::min<std::uint64_t>(room, out.size());
        UNIK_TRY(read_cluster(offset, out.first(count)));
        offset += count;
        out = out.subspan(count);
    }
    return {};
}

Result<std::shared_ptr<Qcow2>> Qcow2::open(RandomAccess file) {
    std::shared_ptr<Qcow2> image(new Qcow2(std::move(file)));
    UNIK_TRY(image->read_file(
        0, {reinterpret_cast<std::uint8_t*>(&image->header_), sizeof(Qcow2Header)}));
    UNIK_TRY(image->check_header());
    UNIK_TRY(image->load_l1());
    return image;
}

} // namespace

Result<RandomAccess> open_qcow2(RandomAccess file) {
    std::string name = file.name;
    const std::shared_ptr<Qcow2> image = UNIK_TRY(Qcow2::open(std::move(file)));
    return RandomAccess{std::move(name), Bytes{image->size()},
                        [image](std::uint64_t offset, std::span<std::uint8_t> out) {
                            return image->read(offset, out);
                        }};
}

} // namespace unik::disk
