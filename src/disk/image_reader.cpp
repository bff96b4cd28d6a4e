#include <disk/image_reader.hpp>

namespace unik::disk {

Result<Image> Image::open(ContentPtr file) {
    for (const Format& format : formats())
        if (format.is_format != nullptr && UNIK_TRY(format.is_format(*file)))
            return open(std::move(file), format);
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
