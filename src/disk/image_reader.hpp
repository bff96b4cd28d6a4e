// Opening disk images, whatever their container. Everything is checked; a hostile image is an Error
// `broken-image`, never a read outside the file nor memory beyond a few MiB.
#pragma once

#include <memory>
#include <string>

#include <disk/content.hpp>
#include <disk/formats.hpp>

namespace unik::disk {

// A disk, whatever its container.
class Image {
public:
    // By its content; raw when it looks like nothing else.
    static Result<Image> open(ContentPtr file);
    // As the user says it is.
    static Result<Image> open(ContentPtr file, const Format& format);

    const Format& container() const { return *container_; }
    std::string format() const { return std::string(container_->name); }
    Bytes size() const { return content_->size(); }
    Content& content() const { return *content_; }
    // Fails past the end.
    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) const;

private:
    Image(const Format& container, ContentPtr content)
        : container_(&container), content_(std::move(content)) {}
    const Format* container_;
    ContentPtr content_;
};

} // namespace unik::disk
