#include <disk/formats.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <disk/containers/blocks.hpp>
#include <disk/containers/containers.hpp>
#include <disk/disk.hpp>
#include <disk/iso.hpp>
#include <support/text.hpp>

namespace unik::disk {
namespace {

constexpr std::array k_plain{Compression::none};
constexpr std::array k_any{Compression::none, Compression::zlib, Compression::zstd};
constexpr std::array k_packed{Compression::zlib};

constexpr std::array k_formats{
    Format{.name = "qcow2",
           .extension = "qcow2",
           .summary = "QEMU's own format, version 3",
           .size_step = 512,
           .compressions = k_any,
           .write = &write_qcow2,
           .is_format = &is_qcow2,
           .open = &open_qcow2},
    Format{.name = "vmdk-stream",
           .extension = "vmdk",
           .summary = "VMware's format for transport (streamOptimized)",
           .size_step = 512,
           .compressions = k_packed,
           .write = &write_vmdk_stream,
           .is_format = &is_vmdk_stream,
           .open = &open_vmdk},
    Format{.name = "vmdk",
           .extension = "vmdk",
           .summary = "VMware's format for use, one growing file (monolithicSparse)",
           .size_step = 512,
           .compressions = k_plain,
           .write = &write_vmdk_sparse,
           .is_format = &is_vmdk,
           .open = &open_vmdk},
    Format{.name = "vdi",
           .extension = "vdi",
           .summary = "VirtualBox's format, one growing file",
           .size_step = 512,
           .compressions = k_plain,
           .write = &write_vdi,
           .is_format = &is_vdi,
           .open = &open_vdi},
    Format{.name = "vhdx",
           .extension = "vhdx",
           .summary = "Hyper-V's format, one growing file",
           .size_step = 512,
           .compressions = k_plain,
           .write = &write_vhdx,
           .is_format = &is_vhdx,
           .open = &open_vhdx},
    Format{.name = "vhd",
           .extension = "vhd",
           .summary = "Hyper-V's older format, one growing file",
           .size_step = 1 << 20,
           .compressions = k_plain,
           .write = &write_vhd,
           .is_format = &is_vhd,
           .open = &open_vhd},
    Format{.name = "ova",
           .extension = "ova",
           .summary = "a machine's description with its disk, for VirtualBox and VMware",
           .size_step = 512,
           .compressions = k_packed,
           .write = &write_ova,
           .is_format = &is_ova,
           .open = &open_ova},
    Format{.name = "gce",
           .extension = "tar.gz",
           .summary = "the archive that Google Compute Engine imports; whole GiB",
           .size_step = 1 << 30,
           .compressions = k_packed,
           .write = &write_gce,
           .is_format = &is_gce,
           .open = &open_gce},
    Format{.name = "iso",
           .extension = "iso",
           .summary = "a CD that boots under BIOS and UEFI, from a USB stick too",
           .size_step = 2048,
           .compressions = k_plain,
           .write = &write_iso,
           .is_format = &is_iso,
           .open = &open_iso},
    Format{.name = "vhd-fixed",
           .extension = "vhd",
           .summary = "the whole disk with a footer, as Azure takes it; whole MiB",
           .size_step = 1 << 20,
           .compressions = k_plain,
           .write = &write_vhd_fixed,
           .is_format = &is_vhd_fixed,
           .open = &open_vhd_fixed},
    Format{.name = "raw",
           .extension = "raw",
           .summary = "the disk byte for byte, zeros as holes of the file",
           .compressions = k_plain,
           .write = &write_raw},
};

// From here on the partition table has to follow; below it is filling within the last sector.
constexpr std::uint64_t k_grown_step = 1 << 20;

constexpr std::array<std::string_view, 3> k_compressions{"none", "zlib", "zstd"};

} // namespace

std::span<const Format> formats() {
    return k_formats;
}

Result<const Format*> find_format(std::string_view name) {
    std::vector<std::string> known;
    for (const Format& format : formats()) {
        if (format.name == name)
            return &format;
        known.emplace_back(format.name);
    }
    return make_error("unknown-disk-format",
                      fmt::format("unknown disk format '{}', expected {}", name, listing(known)),
                      did_you_mean(name, known));
}

Result<void> write_image(Content& disk, const Format& format, WriteOptions options,
                         const std::filesystem::path& path) {
    if (format.write == nullptr)
        return make_error(
            "unwritable-format",
            fmt::format("an image of format '{}' is not made from a disk", format.name));
    if (disk.size().value == 0)
        return broken_image(disk.name(), "expected a disk, found 0 bytes");
    const auto known =
        std::find(format.compressions.begin(), format.compressions.end(), options.compression);
    if (known == format.compressions.end())
        options.compression = format.compressions.front();
    ContentPtr content(ContentPtr(), &disk); // borrowed
    if (format.size_step >= k_grown_step)
        content = UNIK_TRY(grow_disk(content, format.size_on(disk.size())));
    AtomicFile file = UNIK_TRY(AtomicFile::create(path));
    UNIK_TRY(format.write(*content, options, file));
    return file.commit(0644, options.durability);
}

Bytes Format::size_on(Bytes disk) const {
    return Bytes{round_up(disk.value, size_step)};
}

std::string_view to_text(Compression compression) {
    return k_compressions[static_cast<std::size_t>(compression)];
}

} // namespace unik::disk
