// An image that mkfs.erofs makes of a tree of files on the host, mounted over memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <erofs/erofs.hpp>
#include <vfs/inode.hpp>

namespace test {

namespace fs = std::filesystem;

class ScratchFolder {
public:
    ScratchFolder();
    ~ScratchFolder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }
    void write(const std::string& name, const std::string& content) const;

private:
    fs::path path_;
};

// Blocks at page-aligned memory; counts what is held.
class MemorySource final : public os::erofs::BlockSource {
public:
    explicit MemorySource(const std::vector<std::uint8_t>& image);
    ~MemorySource() override;
    std::uint64_t block_count() const override { return blocks_; }
    os::Result<os::PhysAddr> hold(std::uint64_t block, std::uint64_t ahead) override;
    void release(std::uint64_t block, os::PhysAddr frame) override;

    std::size_t held = 0;
    std::size_t holds = 0;
    std::uint64_t most_ahead = 0;
    std::set<std::uint64_t> bad;
    std::uint8_t* bytes() { return bytes_; }

private:
    std::uint8_t* bytes_;
    std::uint64_t blocks_;
};

// What mkfs.erofs makes of the folder.
std::vector<std::uint8_t> make_image(const fs::path& folder, const std::string& options = "");

// The root of the mounted image, or why there is none. Images live as long as the test.
os::Result<os::Ref<os::vfs::Inode>> mount(os::erofs::BlockSource& source);

// "" for the root, else names with slashes.
os::Result<os::Ref<os::vfs::Inode>> walk(const os::Ref<os::vfs::Inode>& root, std::string path);
std::string read_file(os::vfs::Inode& inode);
// Names in their order, with the kind as getdents tells it; through a buffer of this size.
os::Result<std::vector<std::pair<std::string, unsigned>>>
read_directory(const os::Ref<os::vfs::Inode>& directory, std::size_t buffer = 32768);

} // namespace test
