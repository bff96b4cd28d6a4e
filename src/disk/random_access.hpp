// Bytes at any position, of a file or of memory: the seam between the image reader and the disk.
#pragma once

#include <filesystem>
#include <functional>
#include <span>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::disk {

struct RandomAccess {
    std::string name; // for messages
    Bytes size;
    // Precondition: within size.
    std::function<Result<void>(std::uint64_t offset, std::span<std::uint8_t> out)> read;
};

Result<RandomAccess> open_file(const std::filesystem::path& path);
// The bytes must outlive the value.
RandomAccess over_memory(std::string name, ByteSpan bytes);

} // namespace unik::disk
