#include <disk/fat.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>

#include <disk/fat_geometry.hpp>

namespace unik::disk {
namespace {

constexpr std::uint16_t k_date = 1 << 5 | 1; // 1980-01-01
constexpr std::uint8_t k_media = 0xf8;       // a fixed disk
constexpr std::uint64_t k_backup_sector = 6;

template <typename T>
void place(ByteVector& out, std::size_t offset, const T& value) {
    std::memcpy(out.data() + offset, &value, sizeof value);
}

void copy_padded(char* out, std::size_t size, std::string_view text) {
    std::fill_n(out, size, ' ');
    std::copy_n(text.begin(), std::min(size, text.size()), out);
}

class Writer {
public:
    Writer(const FatVolume& volume, const FatGeometry& geometry, Layout& layout)
        : volume_(volume), geometry_(geometry), plan_(geometry.shape, volume.root),
          layout_(layout) {}

    void write() {
        add_boot_sectors();
        const ByteVector table = allocation_table();
        for (std::uint64_t i = 0; i < k_fat_copies; ++i)
            add(geometry_.reserved + i * geometry_.fat_sectors, table);
        for (const FatPlaced& each : plan_.placed()) {
            if (each.children != nullptr)
                add(each.first == 0 ? geometry_.first_data - geometry_.root_sectors
                                    : geometry_.sector_of(each.first),
                    directory(each));
            else if (each.first != 0)
                layout_.add((volume_.first_sector + geometry_.sector_of(each.first)) *
                                k_sector_size,
                            each.node->content);
        }
    }

private:
    bool is_fat32() const { return geometry_.shape.kind == FatKind::fat32; }
    void add(std::uint64_t sector, ByteVector bytes) {
        layout_.add((volume_.first_sector + sector) * k_sector_size, std::move(bytes));
    }

    FatBootSector boot_sector() const {
        FatBootSector boot{};
        boot.jump[0] = 0xeb; // jmp over the fields
        boot.jump[1] = static_cast<std::uint8_t>(code_offset() - 2);
        boot.jump[2] = 0x90;
        copy_padded(boot.maker, sizeof boot.maker, "UNIK");
        boot.bytes_per_sector = static_cast<std::uint16_t>(k_sector_size);
        boot.cluster_sectors = static_cast<std::uint8_t>(geometry_.shape.cluster_sectors);
        boot.reserved_sectors = static_cast<std::uint16_t>(geometry_.reserved);
        boot.fat_count = k_fat_copies;
        boot.root_entries = is_fat32() ? 0 : static_cast<std::uint16_t>(k_fat16_root_entries);
        if (volume_.sectors < 0x10000 && !is_fat32())
            boot.sectors_16 = static_cast<std::uint16_t>(volume_.sectors);
        else
            boot.sectors_32 = static_cast<std::uint32_t>(volume_.sectors);
        boot.media = k_media;
        boot.fat_sectors_16 = is_fat32() ? 0 : static_cast<std::uint16_t>(geometry_.fat_sectors);
        boot.track_sectors = 63;
        boot.heads = 255;
        boot.hidden_sectors = static_cast<std::uint32_t>(volume_.first_sector);
        return boot;
    }

    std::size_t code_offset() const {
        return sizeof(FatBootSector) + (is_fat32() ? sizeof(Fat32Fields) : 0) +
               sizeof(FatVolumeFields);
    }

    FatVolumeFields volume_fields() const {
        FatVolumeFields fields{};
        fields.drive = 0x80;
        fields.signature = 0x29;
        fields.serial = volume_.serial;
        copy_padded(fields.label, sizeof fields.label, volume_.label);
        copy_padded(fields.kind, sizeof fields.kind, is_fat32() ? "FAT32" : "FAT16");
        return fields;
    }

    ByteVector first_sector() const {
        // Should somebody boot the volume itself: tell the BIOS to try the next device, or stop.
        constexpr std::uint8_t k_code[] = {0xcd, 0x18, 0xf4, 0xeb, 0xfd};
        ByteVector out(k_sector_size);
        place(out, 0, boot_sector());
        if (is_fat32()) {
            Fat32Fields fields{};
            fields.fat_sectors = static_cast<std::uint32_t>(geometry_.fat_sectors);
            fields.root_cluster = static_cast<std::uint32_t>(plan_.placed()[0].first);
            fields.information_sector = 1;
            fields.backup_sector = k_backup_sector;
            place(out, sizeof(FatBootSector), fields);
        }
        place(out, code_offset() - sizeof(FatVolumeFields), volume_fields());
        std::copy(std::begin(k_code), std::end(k_code),
                  out.begin() + static_cast<std::ptrdiff_t>(code_offset()));
        out[510] = 0x55;
        out[511] = 0xaa;
        return out;
    }

    // FAT32's count of free clusters and where to look for the next one.
    ByteVector information_sector() const {
        ByteVector out(k_sector_size);
        std::uint64_t used = 0;
        for (const FatPlaced& each : plan_.placed())
            used += each.count;
        place(out, 0, Le32(0x41615252));
        place(out, 484, Le32(0x61417272));
        place(out, 488, Le32(static_cast<std::uint32_t>(geometry_.clusters - used)));
        place(out, 492, Le32(static_cast<std::uint32_t>(plan_.end())));
        place(out, 508, Le32(0xaa550000));
        return out;
    }

    void add_boot_sectors() {
        add(0, first_sector());
        if (!is_fat32())
            return;
        add(1, information_sector());
        add(k_backup_sector, first_sector());
        add(k_backup_sector + 1, information_sector());
    }

    ByteVector allocation_table() const {
        const std::uint32_t end_mark = is_fat32() ? 0x0fffffff : 0xffff;
        std::vector<std::uint32_t> next(plan_.end(), 0);
        next[0] = (end_mark & ~0xffU) | k_media;
        next[1] = end_mark;
        for (const FatPlaced& each : plan_.placed()) {
            for (std::uint64_t i = 0; i < each.count; ++i)
                next[each.first + i] =
                    i + 1 == each.count ? end_mark : static_cast<std::uint32_t>(each.first + i + 1);
        }
        const std::size_t size = is_fat32() ? 4 : 2;
        ByteVector out(next.size() * size);
        for (std::size_t i = 0; i < next.size(); ++i) {
            const Le32 entry(next[i]);
            std::memcpy(out.data() + i * size, &entry, size); // little-endian: the low half
        }
        return out;
    }

    static FatDirectoryEntry entry(std::string_view stored_name, std::uint8_t attributes,
                                   std::uint64_t cluster, std::size_t size) {
        FatDirectoryEntry out{};
        copy_padded(out.name, sizeof out.name, stored_name);
        out.attributes = attributes;
        out.created_date = k_date;
        out.accessed_date = k_date;
        out.written_date = k_date;
        out.cluster_high = static_cast<std::uint16_t>(cluster >> 16);
        out.cluster_low = static_cast<std::uint16_t>(cluster);
        out.size = static_cast<std::uint32_t>(size);
        return out;
    }

    ByteVector directory(const FatPlaced& each) const {
        std::vector<FatDirectoryEntry> entries;
        if (each.node == nullptr)
            entries.push_back(entry(volume_.label, k_fat_attribute_label, 0, 0));
        else {
            // ".." of what lies in the root is 0, even in FAT32.
            const FatPlaced& parent = plan_.placed()[each.parent];
            entries.push_back(entry(".", k_fat_attribute_directory, each.first, 0));
            entries.push_back(entry("..", k_fat_attribute_directory,
                                    parent.node == nullptr ? 0 : parent.first, 0));
        }
        for (const FatNode& child : *each.children)
            entries.push_back(
                entry(fat_stored_name(child.name),
                      child.is_directory ? k_fat_attribute_directory : k_fat_attribute_archive,
                      plan_.cluster_of(child), child.content.size()));
        ByteVector out(entries.size() * sizeof(FatDirectoryEntry));
        std::memcpy(out.data(), entries.data(), out.size());
        return out;
    }

    const FatVolume& volume_;
    const FatGeometry& geometry_;
    FatPlan plan_;
    Layout& layout_;
};

} // namespace

FatNode fat_file(std::string name, ByteSpan content) {
    return {std::move(name), content, {}, false};
}

FatNode fat_directory(std::string name, std::vector<FatNode> children) {
    return {std::move(name), {}, std::move(children), true};
}

std::string fat_stored_name(std::string_view name) {
    const std::size_t dot = name.find('.');
    std::string out(name.substr(0, dot));
    const std::string_view extension =
        dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    assert(!out.empty() && out.size() <= 8 && extension.size() <= 3);
    out.resize(8, ' ');
    out += extension;
    out.resize(11, ' ');
    return out;
}

void add_fat(const FatVolume& volume, Layout& layout) {
    const std::optional<FatGeometry> geometry = fat_geometry(volume.sectors);
    assert(geometry && volume.root.size() < k_fat16_root_entries);
    Writer(volume, *geometry, layout).write();
}

std::uint64_t first_file_sector(const FatVolume& volume) {
    const std::optional<FatGeometry> geometry = fat_geometry(volume.sectors);
    assert(geometry);
    const FatPlan plan(geometry->shape, volume.root);
    const auto file =
        std::find_if(plan.placed().begin(), plan.placed().end(), [](const FatPlaced& each) {
            return each.children == nullptr && each.first != 0;
        });
    assert(file != plan.placed().end());
    return volume.first_sector + geometry->sector_of(file->first);
}

} // namespace unik::disk
