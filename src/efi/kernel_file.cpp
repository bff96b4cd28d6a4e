#include <efi/kernel_file.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include <efi/pe_headers.hpp>
#include <elf/layout.hpp>
#include <elf/notes.hpp>
#include <fmt/format.h>
#include <vocabulary/kernel_file_layout.hpp>

namespace unik::efi {
namespace {

using vocabulary::k_kernel_file_header_offset;
using vocabulary::k_kernel_file_image;
using vocabulary::k_load_address;
using vocabulary::KernelFileHeader;
using vocabulary::Le32;
using vocabulary::Le64;

constexpr std::uint64_t k_page = 4096;
constexpr std::uint64_t k_most_memory = 1ULL << 30; // of the kernel, as the link step asserts
constexpr std::uint32_t k_note_xen_entry = 18;      // XEN_ELFNOTE_PHYS32_ENTRY

// What the page of linux-setup leaves for us.
struct Range {
    std::size_t begin;
    std::size_t end;
};
constexpr Range k_ours[] = {
    {0, 2}, {0x3c, 0x40}, {k_kernel_file_header_offset, vocabulary::k_pe_limit}};

Error not_bootable(const elf::ElfFile& kernel, std::string reason) {
    return make_error("kernel-not-bootable",
                      fmt::format("the kernel '{}' cannot be made a file that boots: {}",
                                  kernel.name(), std::move(reason)));
}

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

template <typename T>
void place(ByteVector& file, std::size_t offset, const T& value) {
    std::memcpy(file.data() + offset, &value, sizeof value);
}

// What is loaded, by physical address, all of it within the GiB from k_load_address on.
Result<std::vector<elf::Segment>> loaded_segments(const elf::ElfFile& kernel) {
    std::vector<elf::Segment> loaded;
    for (const elf::Segment& segment : kernel.segments()) {
        if (segment.type != elf::k_segment_load || segment.memory_size == 0)
            continue;
        if (segment.physical_address < k_load_address ||
            segment.physical_address - k_load_address > k_most_memory ||
            segment.memory_size > k_most_memory - (segment.physical_address - k_load_address))
            return not_bootable(
                kernel, fmt::format("its segment of {} bytes at physical address {:#x} does not "
                                    "lie in the 1 GiB from {:#x} on",
                                    segment.memory_size, segment.physical_address, k_load_address));
        loaded.push_back(segment);
    }
    if (loaded.empty())
        return not_bootable(kernel, "it has nothing to load");
    std::sort(loaded.begin(), loaded.end(), [](const elf::Segment& a, const elf::Segment& b) {
        return a.physical_address < b.physical_address;
    });
    for (std::size_t i = 1; i < loaded.size(); ++i)
        if (loaded[i].physical_address - loaded[i - 1].physical_address < loaded[i - 1].memory_size)
            return not_bootable(kernel, fmt::format("two segments overlap at physical address "
                                                    "{:#x}",
                                                    loaded[i].physical_address));
    return loaded;
}

std::uint64_t image_offset(const elf::Segment& segment) {
    return segment.physical_address - k_load_address;
}

std::uint64_t file_size_of(const std::vector<elf::Segment>& loaded) {
    std::uint64_t end = 0;
    for (const elf::Segment& segment : loaded)
        if (segment.file_size > 0)
            end = image_offset(segment) + segment.file_size;
    return round_up(end, k_file_alignment);
}

std::uint64_t memory_size_of(const std::vector<elf::Segment>& loaded) {
    return round_up(image_offset(loaded.back()) + loaded.back().memory_size, k_page);
}

// The entry's place in the image by a note; 0 content is no entry.
std::optional<std::uint64_t> entry_by_note(const elf::ElfFile& kernel, std::string_view owner,
                                           std::uint32_t type) {
    const auto content = elf::find_note(kernel, owner, type);
    if (!content)
        return std::nullopt;
    Le64 entry;
    std::memcpy(&entry, content->data(), std::min(sizeof entry, content->size()));
    return entry;
}

Result<void> check_entry(const elf::ElfFile& kernel, const char* what, std::uint64_t entry,
                         std::uint64_t image_size) {
    if (entry < k_load_address || entry - k_load_address >= image_size)
        return not_bootable(
            kernel, fmt::format("its entry for {}, {:#x}, is outside the image", what, entry));
    return {};
}

// Segments with the same rights that follow each other become one run; a gap belongs to the run
// before it.
Result<std::vector<Run>> runs_of(const elf::ElfFile& kernel,
                                 const std::vector<elf::Segment>& loaded) {
    std::vector<Run> runs;
    for (const elf::Segment& segment : loaded) {
        const std::uint64_t begin = image_offset(segment);
        const std::uint32_t rights = segment.flags & 7;
        if ((rights & elf::k_flag_write) != 0 && (rights & elf::k_flag_execute) != 0)
            return not_bootable(kernel, "one of its segments is writable and executable, which "
                                        "firmware refuses");
        const auto start =
            static_cast<std::uint32_t>(begin / k_page * k_page + k_kernel_file_image);
        const auto end = static_cast<std::uint32_t>(round_up(begin + segment.memory_size, k_page) +
                                                    k_kernel_file_image);
        if (!runs.empty() && runs.back().rights == rights) {
            runs.back().end = end;
            continue;
        }
        if (!runs.empty() && start < runs.back().end)
            return not_bootable(kernel, fmt::format("segments with different rights share the "
                                                    "page of physical address {:#x}",
                                                    segment.physical_address));
        if (!runs.empty())
            runs.back().end = start;
        runs.push_back({start, end, rights});
    }
    runs.front().start = static_cast<std::uint32_t>(k_kernel_file_image);
    if (runs.size() > most_runs())
        return not_bootable(kernel, fmt::format("its memory changes rights {} times, expected at "
                                                "most {}",
                                                runs.size(), most_runs()));
    return runs;
}

// The page of linux-setup with the sizes that it leaves to us.
Result<void> place_setup(ByteVector& file, const KernelFileInput& input, std::uint64_t image_size,
                         std::uint64_t memory_size) {
    using namespace vocabulary;
    if (input.linux_setup.empty())
        return {};
    bool ours_is_free = input.linux_setup.size() == k_kernel_file_image &&
                        std::memcmp(&input.linux_setup[k_setup_magic_offset], "HdrS", 4) == 0;
    for (const Range& range : k_ours)
        for (std::size_t i = range.begin; ours_is_free && i < range.end; ++i)
            ours_is_free = input.linux_setup[i] == 0;
    if (!ours_is_free)
        return not_bootable(*input.kernel,
                            fmt::format("the page of {} bytes with Linux's setup header is not one "
                                        "that this unik makes (component 'linux-setup')",
                                        input.linux_setup.size()));
    std::copy(input.linux_setup.begin(), input.linux_setup.end(), file.begin());
    constexpr std::uint64_t paragraph = 16;
    place(file, k_setup_size_offset, Le32{static_cast<std::uint32_t>(image_size / paragraph)});
    const std::uint64_t with_spare_pages = memory_size + spare_pages_for(memory_size) * k_page;
    place(file, k_setup_memory_size_offset, Le32{static_cast<std::uint32_t>(with_spare_pages)});
    return {};
}

void place_name(KernelFileHeader& header, std::string_view name) {
    const std::size_t length = std::min(name.size(), sizeof header.name - 1);
    for (std::size_t i = 0; i < length; ++i)
        header.name[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
}

Error broken(std::string reason) {
    return make_error("broken-kernel-file",
                      fmt::format("this is not a kernel file of unik: {}", std::move(reason)),
                      "build the image anew");
}

} // namespace

Result<ByteVector> make_kernel_file(const KernelFileInput& input) {
    const elf::ElfFile& kernel = *input.kernel;
    const std::vector<elf::Segment> loaded = UNIK_TRY(loaded_segments(kernel));
    const std::uint64_t image_size = file_size_of(loaded);
    const std::uint64_t memory_size =
        std::max(memory_size_of(loaded), round_up(image_size, k_page));
    const auto pvh = entry_by_note(kernel, "Xen", k_note_xen_entry);
    const auto uefi = entry_by_note(kernel, UNIK_NOTE_OWNER, UNIK_NOTE_UEFI_ENTRY);
    if (pvh)
        UNIK_TRY(check_entry(kernel, "PVH", *pvh, image_size));
    if (uefi)
        UNIK_TRY(check_entry(kernel, "UEFI", *uefi, image_size));
    if (!pvh && !uefi && input.linux_setup.empty())
        return not_bootable(kernel, "it has no entry: neither for PVH nor UEFI nor Linux loaders");

    ByteVector file(k_kernel_file_image + image_size);
    for (const elf::Segment& segment : loaded) {
        const ByteSpan bytes = kernel.content(segment);
        std::copy(bytes.begin(), bytes.end(),
                  file.begin() +
                      static_cast<std::ptrdiff_t>(k_kernel_file_image + image_offset(segment)));
    }
    UNIK_TRY(place_setup(file, input, image_size, memory_size));
    KernelFileHeader header{};
    header.magic = vocabulary::k_kernel_file_magic;
    header.load_address = k_load_address;
    header.image_offset = static_cast<std::uint32_t>(k_kernel_file_image);
    header.image_size = static_cast<std::uint32_t>(image_size);
    header.memory_size = static_cast<std::uint32_t>(memory_size);
    header.pvh_entry = static_cast<std::uint32_t>(pvh.value_or(0));
    place_name(header, input.name);
    place(file, k_kernel_file_header_offset, header);
    if (uefi) {
        const std::vector<Run> runs = UNIK_TRY(runs_of(kernel, loaded));
        write_pe_headers(file, runs,
                         static_cast<std::uint32_t>(*uefi - k_load_address + k_kernel_file_image));
    }
    return file;
}

Result<KernelFile> read_kernel_file(ByteSpan bytes) {
    KernelFileHeader header;
    if (bytes.size() < k_kernel_file_image)
        return broken(fmt::format("it has {} bytes, expected at least {}", bytes.size(),
                                  k_kernel_file_image));
    std::memcpy(&header, bytes.data() + k_kernel_file_header_offset, sizeof header);
    if (header.magic != vocabulary::k_kernel_file_magic)
        return broken(fmt::format("no signature at {:#x}", k_kernel_file_header_offset));
    KernelFile out;
    out.pvh_entry = header.pvh_entry;
    out.load_address = header.load_address;
    out.image_offset = header.image_offset;
    out.image_size = header.image_size;
    out.memory_size = header.memory_size;
    if (out.load_address != k_load_address || out.image_offset != k_kernel_file_image)
        return broken(fmt::format("its image is at {:#x} for physical address {:#x}, expected "
                                  "{:#x} for {:#x}",
                                  out.image_offset, out.load_address, k_kernel_file_image,
                                  k_load_address));
    if (out.image_size > bytes.size() - k_kernel_file_image || out.image_size > out.memory_size ||
        out.image_size % k_file_alignment != 0 || out.memory_size > k_most_memory ||
        out.memory_size % k_page != 0)
        return broken(fmt::format("an image of {} bytes, {} in memory, does not go with a file of "
                                  "{} bytes",
                                  out.image_size, out.memory_size, bytes.size()));
    if (out.pvh_entry != 0 &&
        (out.pvh_entry < k_load_address || out.pvh_entry - k_load_address >= out.image_size))
        return broken(fmt::format("its PVH entry {:#x} is outside the image", out.pvh_entry));
    const char* end = std::find(header.name, std::end(header.name), '\0');
    out.name.assign(header.name, static_cast<std::size_t>(end - header.name));
    if (end == std::end(header.name) ||
        std::any_of(out.name.begin(), out.name.end(), [](char c) { return c < ' ' || c > '~'; }))
        return broken("its name is not one of printable ASCII");
    return out;
}

} // namespace unik::efi
