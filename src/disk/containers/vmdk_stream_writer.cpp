#include <disk/containers/vmdk_stream_writer.hpp>

#include <algorithm>

#include <disk/containers/codec.hpp>
#include <disk/containers/containers.hpp>

namespace unik::disk {
namespace {

// More than zlib ever needs for a grain, so that every grain is packed: the format has no others.
constexpr std::size_t k_room = k_vmdk_grain + k_vmdk_grain / 1000 + 64;

} // namespace

VmdkStream::VmdkStream(std::uint64_t sectors, Sink sink)
    : header_(vmdk_header(sectors)), sink_(std::move(sink)) {
    header_.version = 3;
    header_.flags = k_vmdk_check_line_ends | k_vmdk_packed | k_vmdk_markers;
    header_.compression = k_vmdk_deflate;
    header_.overhead = k_overhead / k_sector;
    header_.directory = k_vmdk_directory_at_end;
    const std::uint64_t grains = divide_up(sectors * k_sector, k_vmdk_grain);
    directory_.resize(divide_up(grains, k_vmdk_table_entries));
}

Result<void> VmdkStream::begin(const std::string& file_name, const Guid& id) {
    const std::string descriptor =
        vmdk_descriptor("streamOptimized", header_.capacity, file_name, id);
    ByteVector head(k_overhead);
    const ByteSpan header = bytes_of(header_);
    std::copy(header.begin(), header.end(), head.begin());
    std::copy(descriptor.begin(), descriptor.end(), head.begin() + k_sector);
    return put(head);
}

Result<void> VmdkStream::put(ByteSpan bytes) {
    UNIK_TRY(sink_(bytes));
    position_ += bytes.size();
    return {};
}

Result<void> VmdkStream::put_marker(std::uint32_t type, std::uint64_t sectors) {
    VmdkMarker marker{};
    marker.value = sectors;
    marker.type = type;
    return put(bytes_of(marker));
}

Result<void> VmdkStream::flush_table() {
    if (table_.empty())
        return {};
    UNIK_TRY(put_marker(k_vmdk_marker_table, k_vmdk_table_sectors));
    directory_[table_slot_] = static_cast<std::uint32_t>(position_ / k_sector);
    UNIK_TRY(put(bytes_of(table_)));
    table_.clear();
    return {};
}

Result<void> VmdkStream::add(std::uint64_t grain, ByteSpan packed) {
    if (!table_.empty() && table_slot_ != grain / k_vmdk_table_entries)
        UNIK_TRY(flush_table());
    table_slot_ = grain / k_vmdk_table_entries;
    table_.resize(k_vmdk_table_entries);
    table_[grain % k_vmdk_table_entries] = static_cast<std::uint32_t>(position_ / k_sector);
    VmdkGrainMarker marker;
    marker.sector = grain * (k_vmdk_grain / k_sector);
    marker.size = static_cast<std::uint32_t>(packed.size());
    ByteVector bytes(round_up(sizeof marker + packed.size(), k_sector));
    const ByteSpan head = bytes_of(marker);
    std::copy(packed.begin(), packed.end(), std::copy(head.begin(), head.end(), bytes.begin()));
    return put(bytes);
}

Result<void> VmdkStream::finish() {
    UNIK_TRY(flush_table());
    directory_.resize(round_up(directory_.size(), k_sector / sizeof(Le32)));
    UNIK_TRY(put_marker(k_vmdk_marker_directory, directory_.size() * sizeof(Le32) / k_sector));
    VmdkHeader footer = header_;
    footer.directory = position_ / k_sector;
    UNIK_TRY(put(bytes_of(directory_)));
    UNIK_TRY(put_marker(k_vmdk_marker_footer, 1));
    UNIK_TRY(put(bytes_of(footer)));
    return put_marker(k_vmdk_marker_end, 0);
}

Result<void> stream_vmdk(Content& content, const WriteOptions& options,
                         const VmdkStream::Sink& sink) {
    const std::uint64_t sectors = divide_up(content.size().value, k_sector);
    UNIK_TRY(check_vmdk_size(sectors));
    Fingerprint fingerprint;
    UNIK_TRY(for_each_run(content, k_vmdk_grain, {}, [&](const Run& run) {
        fingerprint.add(run);
        return Result<void>();
    }));
    VmdkStream stream(sectors, sink);
    UNIK_TRY(stream.begin(options.file_name, fingerprint.guid("VMDK", Bytes{sectors * k_sector})));
    ParallelPacker packer(Codec::zlib, k_vmdk_grain, k_room, [&](const auto& grain) {
        return stream.add(grain.number, grain.packed);
    });
    UNIK_TRY(for_each_run(content, k_vmdk_grain, options, [&](const Run& run) -> Result<void> {
        for (std::uint64_t i = 0; i < run.bytes.size() / k_vmdk_grain; ++i)
            UNIK_TRY(packer.add(run.first + i, run.bytes.subspan(i * k_vmdk_grain, k_vmdk_grain)));
        return {};
    }));
    UNIK_TRY(packer.finish());
    return stream.finish();
}

Result<void> write_vmdk_stream(Content& content, const WriteOptions& options, AtomicFile& file) {
    return stream_vmdk(content, options, [&](ByteSpan bytes) { return file.write(bytes); });
}

} // namespace unik::disk
