// Feeds each container's reader with anything: it must answer with a disk or an Error, and stay
// within the input, its memory and its time. The first byte chooses what is done to the input:
// checksums are put right, since no mutation hits them, and formats whose parts lie MiB apart get
// theirs from pieces of the input.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include <disk/containers/vhd.hpp>
#include <disk/containers/vhdx.hpp>
#include <disk/formats.hpp>
#include <disk/layout.hpp>

namespace {

using namespace unik;
using namespace unik::disk;

constexpr std::array<std::string_view, 8> k_readers{"qcow2",     "vmdk", "vdi", "vhd",
                                                    "vhd-fixed", "vhdx", "ova", "gce"};

template <typename T>
bool holds(const Result<T>& result) {
    if (!result.ok() && result.error().diagnostics.empty())
        std::abort();
    return result.ok();
}

// What a copy does, as far as it is quick.
void walk(Content& disk) {
    constexpr int k_steps = 64;
    const std::uint64_t size = disk.size().value;
    ByteVector buffer(8192);
    std::uint64_t position = 0;
    for (int i = 0; i < k_steps && position < size; ++i) {
        const auto data = disk.next_data(position);
        if (!holds(data) || !data->has_value())
            return;
        const Range range = **data;
        if (range.length == 0 || range.offset < position || range.end() > size)
            std::abort();
        const std::size_t count = std::min<std::uint64_t>(range.length, buffer.size());
        if (!holds(disk.read(range.offset, std::span(buffer).first(count))))
            return;
        position = range.offset + (i % 2 == 0 ? count : range.length);
    }
    const std::size_t last = std::min<std::uint64_t>(size, 512);
    holds(disk.read(size - last, std::span(buffer).first(last)));
}

void read_as(const Format& format, const ContentPtr& file) {
    if (format.is_format != nullptr)
        holds(format.is_format(*file));
    if (format.open == nullptr)
        return;
    const auto disk = format.open(file);
    if (holds(disk))
        walk(**disk);
}

// A VHD's footer is at one end, or at both.
void seal_vhd(ByteVector& bytes) {
    constexpr std::size_t k_checksum = offsetof(VhdFooter, checksum);
    const auto seal = [&](std::size_t offset, std::size_t size, std::size_t checksum) {
        if (offset > bytes.size() || size > bytes.size() - offset)
            return;
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset + checksum), 4,
                    std::uint8_t{0});
        const Be32 sum(vhd_checksum(ByteSpan(bytes).subspan(offset, size)));
        std::memcpy(bytes.data() + offset + checksum, &sum, sizeof sum);
    };
    seal(512, sizeof(VhdDynamicHeader), offsetof(VhdDynamicHeader, checksum));
    seal(0, sizeof(VhdFooter), k_checksum);
    if (bytes.size() >= 2 * sizeof(VhdFooter))
        seal(bytes.size() - sizeof(VhdFooter), sizeof(VhdFooter), k_checksum);
}

// Identifier, header, region table, metadata table, its items, BAT.
void read_vhdx(const Format& format, ByteSpan input) {
    constexpr std::size_t k_piece = 256;
    constexpr std::array<std::uint64_t, 6> k_places{
        0,          k_vhdx_header_offsets[0], k_vhdx_region_offsets[0],
        2ULL << 20, (2ULL << 20) + 65536,     3ULL << 20};
    constexpr std::array<std::size_t, 6> k_sizes{
        k_piece, k_vhdx_header_size, k_vhdx_table_size, k_piece, k_piece, k_piece};
    Layout file(Bytes{8ULL << 20});
    for (std::size_t i = 0; i < k_places.size(); ++i) {
        ByteVector piece(k_sizes[i]);
        const std::size_t begin = std::min(i * k_piece, input.size());
        const ByteSpan taken = input.subspan(begin, std::min(k_piece, input.size() - begin));
        std::copy(taken.begin(), taken.end(), piece.begin());
        if (i == 1 || i == 2) {
            std::fill_n(piece.begin() + 4, 4, std::uint8_t{0});
            const Le32 sum(crc32c(piece));
            std::memcpy(piece.data() + 4, &sum, sizeof sum);
        }
        file.add(k_places[i], std::move(piece));
    }
    read_as(format, ContentPtr(ContentPtr(), &file));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const bool sealed = data[0] >= 128;
    const auto found = find_format(k_readers[data[0] % k_readers.size()]);
    if (!found.ok())
        std::abort();
    const Format& format = **found;
    ByteVector bytes(data + 1, data + size);
    if (sealed && format.name == "vhdx") {
        read_vhdx(format, bytes);
        return 0;
    }
    if (sealed && format.name.starts_with("vhd"))
        seal_vhd(bytes);
    read_as(format, over_memory("input", bytes));
    return 0;
}
