#include "fixture.hpp"

#include <cstdarg>
#include <cstdlib>
#include <cstring>

#include <doctest/doctest.h>
#include <fake_frames.hpp>
#include <fake_waiting.hpp>
#include <sanitizer/lsan_interface.h>

#include <console/console.hpp>
#include <vfs/mount.hpp>
#include <vfs/stat.hpp>

using namespace os;

namespace {
Ref<vfs::Inode> g_mounted;
}

namespace os::console {
void log(const char*, ...) {}
} // namespace os::console

namespace os::memory {
Result<void> check_program_range(VirtAddr, std::size_t, Access) {
    return {};
}
} // namespace os::memory

namespace os::vfs {
Result<void> mount(const char*, Ref<Inode> root) {
    g_mounted = std::move(root);
    return {};
}
} // namespace os::vfs

namespace test {

ScratchFolder::ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "unik-erofs-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
}

void ScratchFolder::write(const std::string& name, const std::string& content) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
}

MemorySource::MemorySource(const std::vector<std::uint8_t>& image)
    : bytes_(static_cast<std::uint8_t*>(std::aligned_alloc(4096, image.size()))),
      blocks_(image.size() / 4096) {
    std::memcpy(bytes_, image.data(), image.size());
}

MemorySource::~MemorySource() {
    CHECK(held == 0);
    std::free(bytes_);
}

Result<PhysAddr> MemorySource::hold(std::uint64_t block, std::uint64_t ahead) {
    REQUIRE(block < blocks_);
    REQUIRE(ahead < blocks_ - block);
    if (bad.count(block) != 0)
        return Errno::eio;
    most_ahead = ahead > most_ahead ? ahead : most_ahead;
    ++held;
    ++holds;
    return host::frame_at(bytes_ + block * 4096);
}

void MemorySource::release(std::uint64_t block, PhysAddr frame) {
    CHECK(host::frame_bytes(frame) == bytes_ + block * 4096);
    REQUIRE(held > 0);
    --held;
}

std::vector<std::uint8_t> make_image(const fs::path& folder, const std::string& options) {
    const std::string image = folder.string() + ".image";
    const std::string command = "mkfs.erofs --quiet -T 1234567890 --all-root " + options + " " +
                                image + " " + folder.string() + " >&2";
    REQUIRE(std::system(command.c_str()) == 0); // from Debian's erofs-utils
    std::ifstream file(image, std::ios::binary);
    std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    fs::remove(image);
    bytes.resize((bytes.size() + 4095) / 4096 * 4096);
    return bytes;
}

Result<Ref<vfs::Inode>> mount(erofs::BlockSource& source) {
    const __lsan::ScopedDisabler no_leak; // mounted file systems stay for ever
    UNIK_TRY(erofs::mount("/", source));
    return std::move(g_mounted);
}

Result<Ref<vfs::Inode>> walk(const Ref<vfs::Inode>& root, std::string path) {
    Ref<vfs::Inode> at = root;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string name = path.substr(0, slash);
        path = slash == std::string::npos ? "" : path.substr(slash + 1);
        at = UNIK_TRY(at->lookup({name.data(), name.size()}));
    }
    return at;
}

std::string read_file(vfs::Inode& inode) {
    std::string out(inode.size() + 10, '?');
    const Result<std::size_t> got =
        inode.read_at({reinterpret_cast<std::uint8_t*>(out.data()), out.size()}, 0);
    REQUIRE(got.ok());
    out.resize(got.value());
    return out;
}

Result<std::vector<std::pair<std::string, unsigned>>>
read_directory(const Ref<vfs::Inode>& directory, std::size_t size) {
    const Ref<vfs::File> file = UNIK_TRY(directory->open(0));
    std::vector<std::pair<std::string, unsigned>> out;
    std::vector<std::uint8_t> buffer(size);
    for (;;) {
        const std::size_t got = UNIK_TRY(file->read_directory({buffer.data(), buffer.size()}));
        if (got == 0)
            return out;
        for (std::size_t at = 0; at < got;) {
            std::uint16_t length = 0;
            std::memcpy(&length, buffer.data() + at + 16, sizeof length);
            out.emplace_back(reinterpret_cast<const char*>(buffer.data() + at + 19),
                             buffer[at + 18]);
            at += length;
        }
    }
}

} // namespace test
