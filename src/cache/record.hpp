// What a build read and made, kept in a file, so that the next one can tell whether anything is
// different.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <support/result.hpp>
#include <support/sha256.hpp>

namespace unik::cache {

// Folds texts into one digest; where one ends and the next begins counts.
class Digester {
public:
    Digester& add(std::string_view text);
    std::string finish();

private:
    Sha256 hash_;
};

// A file or folder as it was seen.
struct FileState {
    std::filesystem::path path;
    std::string stamp;  // device, inode, mode, size, times of change: same stamp, same file
    std::string digest; // of a file's bytes, of a folder's names
};

// Nothing when it is neither a file nor a folder, or cannot be read. Symbolic links are followed.
std::optional<FileState> observe(const std::filesystem::path& path);
// The stamp alone; empty when there is nothing.
std::string stamp_of(const std::filesystem::path& path);
// The file is still the one that was seen.
bool is_untouched(const FileState& seen);
// It is untouched, or holds the same nevertheless.
bool is_same(const FileState& seen);

struct Record {
    std::string given;              // digest of what is known before anything runs
    std::string linked;             // digest of what goes into the link
    std::vector<FileState> inputs;  // what the tools read; empty: not known
    std::vector<FileState> outputs; // the bundle's files
};

// Text, a line each; to_text gives nothing for a record that lines cannot hold.
std::optional<std::string> to_text(const Record& record);
// Nothing for what is not whole.
std::optional<Record> parse(std::string_view text);

} // namespace unik::cache
