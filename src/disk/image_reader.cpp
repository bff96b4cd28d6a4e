#include <disk/image_reader.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace unik::disk {

namespace {

// What others write and a reader must not take for a raw disk.
struct Foreign {
    std::string_view magic;
    std::string_view name;
    std::string_view hint;
};

constexpr std::string_view k_rewrite = "'qemu-img convert -O qcow2' writes one that unik reads";
constexpr std::string_view k_unpack = "unpack it first";

constexpr std::array k_foreign{
    Foreign{std::string_view("QED\0", 4), "a QED image", k_rewrite},
    Foreign{"WithoutFreeSpace", "a Parallels image", k_rewrite},
    Foreign{"WithouFreSpacExt", "a Parallels image", k_rewrite},
    Foreign{"Bochs Virtual HD Image", "a Bochs image", k_rewrite},
    Foreign{"LUKS\xba\xbe", "an encrypted disk", "unlock it first"},
    Foreign{"\xfd"
            "7zXZ",
            "packed by xz", k_unpack},
    Foreign{"BZh", "packed by bzip2", k_unpack},
    Foreign{"\x28\xb5\x2f\xfd", "packed by zstd", k_unpack},
    Foreign{"PK\x03\x04", "a ZIP archive", k_unpack},
    Foreign{"\x7f"
            "ELF",
            "an ELF file", "name a disk image or a bundle"},
};

Result<void> refuse_foreign(Content& file) {
    std::array<char, 32> begin{};
    const std::size_t held = std::min<std::uint64_t>(begin.size(), file.size().value);
    UNIK_TRY(file.read(0, {reinterpret_cast<std::uint8_t*>(begin.data()), held}));
    for (const Foreign& foreign : k_foreign)
        if (std::string_view(begin.data(), held).starts_with(foreign.magic))
            return unsupported_image(file.name(), fmt::format("it is {}", foreign.name),
                                     std::string(foreign.hint));
    return {};
}

} // namespace

Result<Image> Image::open(ContentPtr file) {
    for (const Format& format : formats())
        if (format.is_format != nullptr && UNIK_TRY(format.is_format(*file)))
            return open(std::move(file), format);
    UNIK_TRY(refuse_foreign(*file));
    return open(std::move(file), formats().back());
}

Result<Image> Image::open(ContentPtr file, const Format& format) {
    if (format.open != nullptr)
        file = UNIK_TRY(format.open(std::move(file)));
    return Image(format, std::move(file));
}

Result<void> Image::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
    return read_within(*content_, offset, out);
}

} // namespace unik::disk
