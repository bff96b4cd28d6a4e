#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <block-files/device_numbers.hpp>
#include <block-files/disk_file.hpp>
#include <fake_disk.hpp>
#include <fake_waiting.hpp>

using namespace os;
using namespace os::block_files;
using host::FakeDisk;

namespace {

std::size_t g_accessible = SIZE_MAX; // bytes of program memory from the buffer's start on

vfs::Filesystem g_filesystem("test");

Result<Ref<vfs::File>> open_nothing(std::uint32_t, vfs::Inode&) {
    return Errno::enxio;
}

constexpr vfs::StaticNode k_nodes[] = {
    vfs::block_device_node("vda", 0660, vfs::device_number(254, 16), open_nothing)};

struct Opened {
    explicit Opened(FakeDisk& device, std::uint32_t flags = vfs::k_open_read_write)
        : disk(device), directory(vfs::make_static_root(g_filesystem, k_nodes).value()),
          file(try_make_ref<DiskFile>(directory->lookup("vda").value(), flags, disk).value()) {}

    std::string read_at(std::uint64_t offset, std::size_t size) {
        std::string out(size, '?');
        const Result<std::size_t> got =
            file->read_at({reinterpret_cast<std::uint8_t*>(out.data()), size}, offset);
        return got.ok() ? out.substr(0, got.value())
                        : "error " + std::to_string(static_cast<int>(got.error()));
    }
    Result<std::size_t> write_at(std::uint64_t offset, const std::string& text) {
        return file->write_at({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                              offset);
    }

    Disk disk;
    Ref<vfs::Inode> directory;
    Ref<DiskFile> file;
};

std::string part(const FakeDisk& device, std::size_t offset, std::size_t size) {
    return std::string(reinterpret_cast<const char*>(device.bytes.data()), device.bytes.size())
        .substr(offset, size);
}

template <typename T>
T query(Opened& opened, std::uint64_t request) {
    T value{};
    CHECK(opened.file->control(request, reinterpret_cast<std::uint64_t>(&value)).ok());
    return value;
}

} // namespace

namespace os::memory {

Result<void> check_program_range(VirtAddr, std::size_t size, Access) {
    return size <= g_accessible ? Result<void>() : Errno::efault;
}

} // namespace os::memory

TEST_CASE("any part of the disk is read, and nothing behind it") {
    FakeDisk device(1000, 512, 65536);
    Opened opened(device);
    for (std::size_t offset = 0; offset < device.bytes.size(); offset += 33'333)
        for (const std::size_t size : {1U, 4096U, 70'000U, 600'000U})
            REQUIRE(opened.read_at(offset, size) == part(device, offset, size));
    CHECK(opened.read_at(device.bytes.size(), 10).empty());
    CHECK(opened.read_at(UINT64_MAX, 10).empty());
}

TEST_CASE("small reads in a row cost few requests, and scattered ones read little") {
    FakeDisk device(4096, 512, 1 << 20);
    Opened row(device);
    for (std::size_t offset = 0; offset < 1 << 20; offset += 512)
        REQUIRE(row.read_at(offset, 512) == part(device, offset, 512));
    CHECK(device.reads == 16);
    Opened scattered(device);
    device.largest = 0;
    (void)scattered.read_at(1'000'000, 100);
    (void)scattered.read_at(50'000, 100);
    CHECK(device.largest == 4096);
}

TEST_CASE("what was written is what is read, through any open file") {
    FakeDisk device(256, 512, 65536);
    Opened opened(device);
    CHECK(opened.read_at(0, 131'072) == part(device, 0, 131'072));
    CHECK(opened.write_at(700, std::string(100, 'x')).value() == 100);
    CHECK(opened.read_at(690, 120) == part(device, 690, 120));
    CHECK(opened.read_at(700, 3) == "xxx");
    CHECK(part(device, 700, 100) == std::string(100, 'x'));
    const std::string large(100'000, 'y');
    CHECK(opened.write_at(10'001, large).value() == large.size());
    CHECK(opened.read_at(10'001, large.size()) == large);
    // Through the position, and at the end.
    CHECK(opened.file->seek(-3, vfs::k_seek_end).value() == 131'069);
    const std::uint8_t five[5] = {1, 2, 3, 4, 5};
    CHECK(opened.file->write(five).value() == 3);
    CHECK(opened.file->write(five).error() == Errno::enospc);
    CHECK(opened.file->write({}).value() == 0);
    std::uint8_t back[5];
    CHECK(opened.file->seek(-2, vfs::k_seek_current).value() == 131'070);
    CHECK(opened.file->read(back).value() == 2);
    CHECK(back[1] == 3);
    CHECK(opened.file->read(back).value() == 0);
}

TEST_CASE("what is written while a window is filled is seen by the next reader") {
    FakeDisk device(256, 512, 65536);
    Opened opened(device);
    Opened* other = &opened;
    device.during_transfer = [&] {
        CHECK(other->write_at(100, "new").ok());
        // The transfer that is under way still gives what was there before.
        device.bytes[100] = 'o';
    };
    CHECK(opened.read_at(100, 3) == "oew");
    device.bytes[100] = 'n';
    CHECK(opened.read_at(100, 3) == "new");
}

TEST_CASE("up to a bad sector everything is read, and then there is an error") {
    FakeDisk device(1024, 512, 65536);
    device.bad_sectors = {83};
    Opened opened(device);
    CHECK(opened.read_at(0, 100'000) == part(device, 0, 80 * 512));
    CHECK(opened.read_at(83 * 512, 10) == "error 5");
    CHECK(opened.read_at(88 * 512, 1000) == part(device, 88 * 512, 1000));
    device.bad_sectors = {600};
    CHECK(opened.write_at(520 * 512, std::string(200'000, 'z')).error() == Errno::eio);
    CHECK(host::living_buffers == 4); // the windows
}

TEST_CASE("memory that the program gave back meanwhile is an error, not a fault") {
    FakeDisk device(256, 512, 65536);
    Opened opened(device);
    g_accessible = 0;
    CHECK(opened.read_at(0, 10) == "error 14");
    CHECK(opened.write_at(0, "abc").error() == Errno::efault);
    g_accessible = SIZE_MAX;
    CHECK(device.writes == 0);
}

TEST_CASE("positions end at the disk's end") {
    FakeDisk device(256, 512, 65536);
    Opened opened(device);
    CHECK(opened.file->seek(0, vfs::k_seek_end).value() == 131'072);
    CHECK(opened.file->seek(131'072, vfs::k_seek_set).ok());
    CHECK(opened.file->seek(131'073, vfs::k_seek_set).error() == Errno::einval);
    CHECK(opened.file->seek(1, vfs::k_seek_current).error() == Errno::einval);
    CHECK(opened.file->seek(INT64_MIN, vfs::k_seek_current).error() == Errno::einval);
    CHECK(opened.file->seek(INT64_MAX, vfs::k_seek_current).error() == Errno::einval);
    CHECK(opened.file->seek(0, vfs::k_seek_data).error() == Errno::einval);
}

TEST_CASE("the disk answers its ioctls") {
    FakeDisk device(256, 4096, 65536);
    Opened opened(device);
    CHECK(query<std::uint64_t>(opened, 0x80081272) == 1'048'576);
    CHECK(query<std::uint64_t>(opened, 0x1260) == 2048);
    CHECK(query<std::uint32_t>(opened, 0x1268) == 4096);
    CHECK(query<std::uint32_t>(opened, 0x127b) == 4096);
    CHECK(query<std::uint32_t>(opened, 0x125e) == 0);
    device.rights = block::Access::read_only;
    CHECK(query<std::uint32_t>(opened, 0x125e) == 1);
    CHECK(opened.file->control(0x5401, 0).error() == Errno::enotty);
    CHECK(opened.file->control(0x1277, 0).error() == Errno::eopnotsupp);
    (void)opened.read_at(0, 1);
    device.bytes[0] = 0x42; // behind our back
    CHECK(opened.file->control(0x1261, 0).ok());
    CHECK(device.flushes == 1);
    CHECK(opened.read_at(0, 1) == "B");
    CHECK(opened.file->synchronise().ok());
    CHECK(device.flushes == 2);
}

TEST_CASE("O_DSYNC flushes with every write") {
    FakeDisk device(256, 512, 65536);
    Opened opened(device, vfs::k_open_read_write | 010000);
    CHECK(opened.write_at(0, "abc").ok());
    CHECK(device.flushes == 1);
}

TEST_CASE("disks have the numbers that Linux gives them") {
    DeviceNumbers numbers;
    CHECK(numbers.next("sda") == vfs::device_number(8, 0));
    CHECK(numbers.next("sdb") == vfs::device_number(8, 16));
    CHECK(numbers.next("vda") == vfs::device_number(254, 0));
    CHECK(numbers.next("nvme0n1") == vfs::device_number(259, 0));
    CHECK(numbers.next("sr0") == vfs::device_number(11, 0));
    for (int i = 2; i < 16; ++i)
        CHECK(numbers.next("sdx") == vfs::device_number(8, static_cast<std::uint64_t>(i) * 16));
    CHECK(numbers.next("sdq") == vfs::device_number(259, 1));
}
