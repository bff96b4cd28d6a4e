#include <doctest/doctest.h>

#include <vector>

#include <vfs/file_table.hpp>
#include <vfs/locks.hpp>

#include "fixture.hpp"

using namespace os;
using vfs::CloseOnExec;

namespace {

// Tells what happens to it.
class Probe final : public vfs::File {
public:
    explicit Probe(std::vector<const char*>& log) : File(0), log_(log) {}
    ~Probe() override { log_.push_back("destroyed"); }
    void last_descriptor_closed() override { log_.push_back("last closed"); }

private:
    std::vector<const char*>& log_;
};

class Watcher final : public vfs::FileWatcher {
public:
    void file_closed() override { ++closed; }
    int closed = 0;
};

Ref<vfs::File> probe(std::vector<const char*>& log) {
    return try_make_ref<Probe>(log).value();
}

} // namespace

TEST_CASE("the lowest free descriptor is given, gaps first") {
    std::vector<const char*> log;
    const Ref<vfs::File> file = probe(log);
    for (int i = 0; i < 20; ++i)
        REQUIRE(vfs::install(file).value() == i);
    REQUIRE(vfs::close(7).ok());
    REQUIRE(vfs::close(3).ok());
    CHECK(vfs::install(file, CloseOnExec::no, 5).value() == 7);
    CHECK(vfs::install(file).value() == 3);
    CHECK(vfs::install(file).value() == 20);
    CHECK(vfs::install(file, CloseOnExec::yes, 50).value() == 50);
    CHECK(vfs::close_on_exec(50).value() == CloseOnExec::yes);
    CHECK(vfs::install(file).value() == 21);
    vfs::close_range(0, 4000000000U);
    CHECK(vfs::file_of(0).error() == Errno::ebadf);
    CHECK(vfs::install(file).value() == 0);
    REQUIRE(vfs::close(0).ok());
    CHECK(vfs::close(0).error() == Errno::ebadf);
    CHECK(vfs::close(-1).error() == Errno::ebadf);
}

TEST_CASE("the limit holds for new and for chosen descriptors") {
    std::vector<const char*> log;
    const std::size_t before = vfs::descriptor_limit();
    vfs::set_descriptor_limit(2);
    const Ref<vfs::File> file = probe(log);
    CHECK(vfs::install(file).ok());
    CHECK(vfs::install(file).ok());
    CHECK(vfs::install(file).error() == Errno::emfile);
    CHECK(vfs::install_at(file, 2, CloseOnExec::no).error() == Errno::ebadf);
    vfs::set_descriptor_limit(before);
    vfs::close_range(0, 10);
}

TEST_CASE("a file goes with its last descriptor, or with the call that still uses it") {
    std::vector<const char*> log;
    Watcher watcher;
    const int one = vfs::install(probe(log)).value();
    vfs::file_of(one).value()->watch(watcher);
    const int two = vfs::install(vfs::file_of(one).value()).value();
    REQUIRE(vfs::close(one).ok());
    CHECK(log.empty());
    {
        const Ref<vfs::File> in_use = vfs::file_of(two).value();
        REQUIRE(vfs::close(two).ok());
        CHECK(log == std::vector<const char*>{"last closed"});
        CHECK(watcher.closed == 0);
    }
    CHECK(log.size() == 2);
    CHECK(watcher.closed == 1);
}

TEST_CASE("a chosen descriptor closes what it was") {
    std::vector<const char*> first;
    std::vector<const char*> second;
    const int descriptor = vfs::install(probe(first)).value();
    REQUIRE(vfs::install_at(probe(second), descriptor, CloseOnExec::no).ok());
    CHECK(first.size() == 2);
    CHECK(second.empty());
    REQUIRE(vfs::close(descriptor).ok());
}

TEST_CASE("advisory locks stand between open files and go with them") {
    test::enter_fresh_folder();
    REQUIRE(test::write("file", "x").ok());
    const Ref<vfs::File> one = vfs::open("file", 0).value();
    Ref<vfs::File> two = vfs::open("file", 0).value();
    CHECK(vfs::lock(*one, vfs::LockKind::shared, vfs::LockWait::no).ok());
    CHECK(vfs::lock(*two, vfs::LockKind::shared, vfs::LockWait::no).ok());
    CHECK(vfs::lock(*one, vfs::LockKind::exclusive, vfs::LockWait::no).error() == Errno::eagain);
    two = Ref<vfs::File>();
    CHECK(vfs::lock(*one, vfs::LockKind::exclusive, vfs::LockWait::no).ok());
}
