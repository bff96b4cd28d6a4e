#include <doctest/doctest.h>

#include <string>

#include <vfs/record_locks.hpp>

#include "fixture.hpp"

using namespace os;
using vfs::LockKind;
using vfs::LockWait;
using vfs::RecordLock;

namespace {

constexpr std::uint32_t k_flags = vfs::k_open_read_write | vfs::k_open_create;

Ref<vfs::File> open_file(const char* path) {
    return vfs::open(path, k_flags, 0600).value();
}

RecordLock range(vfs::File& file, LockKind kind, std::uint64_t first, std::uint64_t last) {
    return {.inode = file.inode(), .kind = kind, .first = first, .last = last};
}

RecordLock owned(vfs::File& file, LockKind kind, std::uint64_t first, std::uint64_t last) {
    return {.inode = file.inode(), .owner = &file, .kind = kind, .first = first, .last = last};
}

// The process's locks on the first `size` bytes, as an open file meets them: r, w or a dot each.
std::string shown(vfs::File& file, std::uint64_t size) {
    std::string out;
    for (std::uint64_t i = 0; i < size; ++i) {
        const RecordLock* held = vfs::find_record_conflict(owned(file, LockKind::exclusive, i, i));
        out += held == nullptr ? '.' : held->kind == LockKind::shared ? 'r' : 'w';
    }
    return out;
}

} // namespace

TEST_CASE("ranges are cut, converted and joined") {
    test::enter_fresh_folder();
    const Ref<vfs::File> file = open_file("f");
    const auto lock = [&](LockKind kind, std::uint64_t first, std::uint64_t last) {
        REQUIRE(vfs::lock_record(range(*file, kind, first, last), LockWait::no).ok());
    };
    lock(LockKind::exclusive, 2, 9);
    CHECK(shown(*file, 12) == "..wwwwwwww..");
    REQUIRE(vfs::unlock_record(range(*file, LockKind::shared, 4, 5)).ok());
    CHECK(shown(*file, 12) == "..ww..wwww..");
    lock(LockKind::shared, 3, 6);
    CHECK(shown(*file, 12) == "..wrrrrwww..");
    lock(LockKind::exclusive, 0, 6);
    CHECK(shown(*file, 12) == "wwwwwwwwww..");
    const RecordLock* whole =
        vfs::find_record_conflict(owned(*file, LockKind::shared, 5, vfs::k_last_byte));
    REQUIRE(whole != nullptr);
    CHECK(whole->first == 0);
    CHECK(whole->last == 9);
    REQUIRE(vfs::unlock_record(range(*file, LockKind::shared, 0, vfs::k_last_byte)).ok());
    CHECK(shown(*file, 12) == "............");
}

TEST_CASE("any descriptor's close gives up what the process holds on the file") {
    test::enter_fresh_folder();
    const int first = vfs::install(open_file("f")).value();
    const int second = vfs::install(open_file("f")).value();
    const Ref<vfs::File> file = vfs::file_of(first).value();
    REQUIRE(vfs::lock_record(range(*file, LockKind::exclusive, 0, 9), LockWait::no).ok());
    REQUIRE(vfs::lock_record(owned(*file, LockKind::shared, 20, 29), LockWait::no).ok());
    REQUIRE(vfs::close(second).ok());
    CHECK(shown(*file, 3) == "...");
    const Ref<vfs::File> other = open_file("f");
    CHECK(vfs::find_record_conflict(owned(*other, LockKind::exclusive, 20, 20)) != nullptr);
    REQUIRE(vfs::close(first).ok());
}

TEST_CASE("an open file's locks stand in others' way and end with it") {
    test::enter_fresh_folder();
    Ref<vfs::File> file = open_file("f");
    const Ref<vfs::File> other = open_file("f");
    REQUIRE(vfs::lock_record(owned(*file, LockKind::shared, 0, 99), LockWait::no).ok());
    CHECK(vfs::lock_record(owned(*other, LockKind::shared, 0, 9), LockWait::no).ok());
    CHECK(vfs::lock_record(owned(*other, LockKind::exclusive, 0, 9), LockWait::no).error() ==
          Errno::eagain);
    CHECK(vfs::lock_record(range(*other, LockKind::exclusive, 50, 59), LockWait::no).error() ==
          Errno::eagain);
    file = Ref<vfs::File>();
    CHECK(vfs::lock_record(owned(*other, LockKind::exclusive, 0, 9), LockWait::no).ok());
}
