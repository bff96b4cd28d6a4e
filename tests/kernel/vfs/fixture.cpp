#include "fixture.hpp"

#include <cstdarg>
#include <cstdlib>

#include <doctest/doctest.h>
#include <fake_pages.hpp>
#include <fake_waiting.hpp>

#include <console/console.hpp>
#include <control/control.hpp>
#include <tmpfs/node.hpp>
#include <vocabulary/image_layout.hpp>

using namespace os;

namespace {

tmpfs::Tmpfs g_filesystems[2];

template <unsigned index>
Result<void> mount_tmpfs(const char* mount_point) {
    return vfs::mount(mount_point, UNIK_TRY(try_make_ref<tmpfs::Directory>(
                                       g_filesystems[index], vfs::k_mode_directory | 0755U)));
}

} // namespace

extern "C" {
extern const vocabulary::ImageHeader unik_image;
extern vocabulary::FilesystemEntry unik_filesystems[2];
const vocabulary::ImageHeader unik_image = [] {
    vocabulary::ImageHeader header{};
    header.filesystem_count = 2;
    return header;
}();
// The inner one first: the start step brings them in order.
vocabulary::FilesystemEntry unik_filesystems[2] = {
    {reinterpret_cast<std::uint64_t>("/mnt/inner"),
     reinterpret_cast<std::uint64_t>(&mount_tmpfs<1>)},
    {reinterpret_cast<std::uint64_t>("/"), reinterpret_cast<std::uint64_t>(&mount_tmpfs<0>)},
};
}

namespace os::console {
void log(const char*, ...) {}
} // namespace os::console

namespace os::control {
[[noreturn]] void exit(int) {
    std::abort();
}
} // namespace os::control

namespace test {

void enter_fresh_folder() {
    static bool mounted = false;
    if (!mounted)
        REQUIRE(vfs::start().ok());
    mounted = true;
    static int number = 0;
    const std::string folder = "/t" + std::to_string(number++);
    REQUIRE(make_directory(folder).ok());
    REQUIRE(vfs::set_working_directory(resolve(folder).value()).ok());
}

std::string read(const std::string& path) {
    const auto contents = vfs::read_file(view(path), 1 << 20);
    REQUIRE(contents.ok());
    return {reinterpret_cast<const char*>(contents.value().data()), contents.value().size()};
}

std::string told_path(vfs::Inode& inode) {
    const auto path = vfs::path_of(inode);
    REQUIRE(path.ok());
    return {path.value().data(), path.value().size()};
}

} // namespace test
