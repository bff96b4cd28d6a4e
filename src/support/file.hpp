// Files as the stages need them: read whole with a bound, written whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <support/quantity.hpp>
#include <support/result.hpp>

namespace unik {

using ByteVector = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

// The whole file; fails when it is not a regular file, cannot be read, or is larger than limit.
Result<ByteVector> read_file(const std::filesystem::path& path, Bytes limit);
Result<std::string> read_text_file(const std::filesystem::path& path, Bytes limit);

// Whether a commit waits until the disk has the data: then the file is whole or not there after a
// power failure, too, and not only after a crash of ours.
enum class Durability { flushed, cached };

// A file that appears under its name only when complete: it is written without a name (or, where
// the file system cannot, under a temporary one) in the same folder and renamed by commit().
// Destroyed or killed without commit, it leaves nothing.
class AtomicFile {
public:
    static Result<AtomicFile> create(const std::filesystem::path& path);
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&&) = delete;
    ~AtomicFile();

    Result<void> write(ByteSpan bytes);
    Result<void> write(std::string_view text);
    // Absolute position; a gap before it stays a hole of zeros.
    Result<void> write_at(std::uint64_t offset, ByteSpan bytes);
    // Extends (sparse) or cuts the file to exactly this size.
    Result<void> resize(Bytes size);
    // mode: permission bits, as for chmod(2).
    Result<void> commit(unsigned mode = 0644, Durability durability = Durability::flushed);

private:
    Result<void> give_name();
    AtomicFile(int descriptor, std::filesystem::path target, std::filesystem::path temporary);
    int descriptor_;
    std::filesystem::path target_;
    std::filesystem::path temporary_; // empty: without a name
    std::uint64_t position_ = 0;
};

Result<void> write_file(const std::filesystem::path& path, ByteSpan bytes, unsigned mode = 0644);
Result<void> write_file(const std::filesystem::path& path, std::string_view text,
                        unsigned mode = 0644);

// A private folder (mode 0700), removed with all it holds when this value dies.
class TemporaryDirectory {
public:
    // parent empty: the system's folder for temporary files ($TMPDIR).
    static Result<TemporaryDirectory> create(std::string_view prefix,
                                             const std::filesystem::path& parent = {});
    TemporaryDirectory(TemporaryDirectory&& other) noexcept;
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    ~TemporaryDirectory();
    const std::filesystem::path& path() const { return path_; }
    // Gives the folder away: it is no longer removed.
    std::filesystem::path release();

private:
    explicit TemporaryDirectory(std::filesystem::path path);
    std::filesystem::path path_;
};

// An Error from errno: "cannot <action> '<path>': <reason>".
Error file_error(std::string_view action, const std::filesystem::path& path, int error_number);

} // namespace unik
