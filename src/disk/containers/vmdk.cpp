#include <disk/containers/vmdk.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <disk/containers/blocks.hpp>
#include <disk/containers/geometry.hpp>

namespace unik::disk {
namespace {

// Quotes end the name, and no control character belongs into a line.
std::string extent_name(const std::string& file_name) {
    const bool plain = !file_name.empty() && file_name.size() <= 255 &&
                       std::none_of(file_name.begin(), file_name.end(), [](char c) {
                           return c == '"' || static_cast<unsigned char>(c) < ' ' || c == '\x7f';
                       });
    return plain ? file_name : "disk.vmdk";
}

// The descriptor's content id; all bits set and all but the lowest have meanings of their own.
std::uint32_t content_id(const Guid& id) {
    std::uint32_t value = 0;
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value & 0x7fffffff;
}

std::string lower(std::string text) {
    for (char& c : text)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    return text;
}

} // namespace

VmdkHeader vmdk_header(std::uint64_t sectors) {
    VmdkHeader header{};
    header.magic = k_vmdk_magic;
    header.version = 1;
    header.flags = k_vmdk_check_line_ends;
    header.capacity = sectors;
    header.grain_size = k_vmdk_grain / k_sector;
    header.descriptor_offset = 1;
    header.descriptor_size = k_vmdk_descriptor_sectors;
    header.table_entries = k_vmdk_table_entries;
    std::memcpy(header.line_ends, k_vmdk_line_ends, sizeof header.line_ends);
    return header;
}

std::string vmdk_descriptor(std::string_view create_type, std::uint64_t sectors,
                            const std::string& file_name, const Guid& id) {
    const Geometry geometry = scsi_geometry(sectors);
    std::string text =
        fmt::format(R"(# Disk DescriptorFile
version=1
CID={:08x}
parentCID=ffffffff
createType="{}"

# Extent description
RW {} SPARSE "{}"

# The Disk Data Base
#DDB

ddb.adapterType = "lsilogic"
ddb.geometry.cylinders = "{}"
ddb.geometry.heads = "{}"
ddb.geometry.sectors = "{}"
ddb.uuid.image = "{}"
ddb.virtualHWVersion = "4"
)",
                    content_id(id), create_type, sectors, extent_name(file_name),
                    geometry.cylinders, geometry.heads, geometry.sectors, lower(to_text(id)));
    text.resize(k_vmdk_descriptor_sectors * k_sector, '\0');
    return text;
}

Result<void> check_vmdk_size(std::uint64_t sectors) {
    constexpr std::uint64_t k_most = 0xffffffff - (1ULL << 25); // leaves room for the tables
    if (sectors <= k_most)
        return {};
    return make_error("disk-too-large",
                      fmt::format("a VMDK file holds disks of up to {}, this one has {}",
                                  to_text(Bytes{k_most * k_sector}),
                                  to_text(Bytes{sectors * k_sector})),
                      "write it as raw, qcow2 or vhdx");
}

} // namespace unik::disk
