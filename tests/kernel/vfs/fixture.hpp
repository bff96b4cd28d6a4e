// A root of files in memory with a second file system mounted in it, and paths as C++ strings.
#pragma once

#include <string>

#include <vfs/file_table.hpp>
#include <vfs/mount.hpp>
#include <vfs/path.hpp>

namespace test {

inline os::StringView view(const std::string& text) {
    return {text.data(), text.size()};
}

// Makes the file systems once, and a fresh, empty folder /t to work in each time.
void enter_fresh_folder();

inline os::Result<os::Ref<os::vfs::Inode>>
resolve(const std::string& path, os::vfs::FollowLast follow = os::vfs::FollowLast::yes) {
    return os::vfs::resolve(os::vfs::k_at_working_directory, view(path), follow);
}
inline os::Result<void> make_directory(const std::string& path) {
    return os::vfs::make_directory(os::vfs::k_at_working_directory, view(path), 0755);
}
inline os::Result<void> make_link(const std::string& target, const std::string& path) {
    return os::vfs::make_symbolic_link(view(target), os::vfs::k_at_working_directory, view(path));
}
inline os::Result<void> write(const std::string& path, const std::string& text) {
    return os::vfs::write_file(view(path), view(text), 0644);
}
std::string read(const std::string& path);
std::string told_path(os::vfs::Inode& inode);

} // namespace test
