// The containers that a disk's content is written into and read from. A new one is a row in
// formats.cpp.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <disk/content.hpp>
#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::disk {

enum class Compression { none, zlib, zstd };

// The virtual machine that an OVA describes. Controller and card are OVF's resource subtypes.
struct Appliance {
    std::string name = "unik"; // of the machine
    std::string version;       // of the application, may be empty
    Bytes memory{256ULL << 20};
    unsigned cpus = 1;
    std::string system_type = "vmx-13"; // "virtualbox-2.2", "vmx-13"
    std::string disk_controller =
        "AHCI";                         // "AHCI", "PIIX4" (IDE), "lsilogic", "VirtualSCSI" (pvscsi)
    std::string network_card = "E1000"; // "E1000", "E1000e", "VmxNet3", "virtio"; empty: none
    std::string firmware = "bios";      // "bios", "efi"
};

struct WriteOptions {
    Compression compression = Compression::none;
    // Of the file that is written; some containers repeat it inside.
    std::string file_name = "disk";
    Appliance appliance; // for an OVA
    Durability durability = Durability::flushed;
    // Called now and then with the position on the disk.
    std::function<void(Bytes position)> on_progress;
};

struct Format {
    std::string_view name;
    std::string_view extension; // without a dot
    std::string_view summary;
    // The disk's size is rounded up to whole steps.
    std::uint64_t size_step = 1;
    // What `compression` may be; the first one is the default.
    std::span<const Compression> compressions;
    // nullptr: such an image is made from something else than a disk's content.
    Result<void> (*write)(Content& content, const WriteOptions& options,
                          AtomicFile& file) = nullptr;
    // Whether the file looks like one. nullptr: another row's reader knows it.
    Result<bool> (*is_format)(Content& file) = nullptr;
    Result<ContentPtr> (*open)(ContentPtr file) = nullptr;

    Bytes size_on(Bytes disk) const; // what a disk of this size gets
};

// In the order in which a file is tried; raw, which fits anything, is the last.
std::span<const Format> formats();
// unknown-disk-format, with a suggestion.
Result<const Format*> find_format(std::string_view name);

// Writes the disk into a file of this format, atomically. Where the format wants it larger, its
// backup partition table moves to the new end. A compression that the format does not have becomes
// its default. Errors: disk-too-large, unwritable-format, bad-value (an OVA's controller).
Result<void> write_image(Content& disk, const Format& format, WriteOptions options,
                         const std::filesystem::path& path);

std::string_view to_text(Compression compression);

} // namespace unik::disk
