// Bytes at any position, with their holes: a disk before it has a container (Layout), a file, or
// the disk inside a container. The seam between all that reads disks and all that writes them;
// whoever copies asks for the data alone, so holes cost nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <support/file.hpp>
#include <support/quantity.hpp>
#include <support/result.hpp>

namespace unik::disk {

struct Range {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint64_t end() const { return offset + length; }
};

// One thread at a time: implementations keep what they looked up last.
class Content {
public:
    virtual ~Content() = default;

    const std::string& name() const { return name_; } // for messages
    Bytes size() const { return size_; }

    // Precondition: within size().
    virtual Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
    // The first range that holds anything at or behind offset, and begins there at the earliest;
    // nothing when only zeros follow. What lies in it may still be zeros.
    virtual Result<std::optional<Range>> next_data(std::uint64_t offset) = 0;

protected:
    Content(std::string name, Bytes size) : name_(std::move(name)), size_(size) {}
    Content(Content&&) = default;
    Content& operator=(Content&&) = default;
    void set_content_size(Bytes size) { size_ = size; }

private:
    std::string name_;
    Bytes size_;
};

using ContentPtr = std::shared_ptr<Content>;

// A regular file; its holes are those that the file system knows.
Result<ContentPtr> open_file(const std::filesystem::path& path);
// The same over a descriptor that is open for reading, for instance since its file was verified. It
// is taken over and closed; its position does not matter.
Result<ContentPtr> adopt_file(int descriptor, std::string name);
// The bytes must outlive the value.
ContentPtr over_memory(std::string name, ByteSpan bytes);
// A part of another. Precondition: within it.
ContentPtr part_of(ContentPtr whole, Range range);

// Damage: what was expected and what was found. broken-image.
Error broken_image(const std::string& name, std::string reason);
// An image that is right, but uses what unik does not read. unsupported-image.
Error unsupported_image(const std::string& name, std::string reason, std::string hint = {});

// As read(), for positions that the content itself named: outside is a broken image.
Result<void> read_within(Content& content, std::uint64_t offset, std::span<std::uint8_t> out);

// A structure made of bytes and endian integers.
template <typename T>
Result<T> read_object(Content& content, std::uint64_t offset) {
    T object{};
    UNIK_TRY(
        read_within(content, offset, {reinterpret_cast<std::uint8_t*>(&object), sizeof object}));
    return object;
}

template <typename T>
ByteSpan bytes_of(const T& object) {
    return {reinterpret_cast<const std::uint8_t*>(&object), sizeof object};
}

template <typename T>
ByteSpan bytes_of(const std::vector<T>& objects) {
    return {reinterpret_cast<const std::uint8_t*>(objects.data()), objects.size() * sizeof(T)};
}

} // namespace unik::disk
