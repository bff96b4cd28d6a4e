#include <doctest/doctest.h>

#include <set>
#include <string>

#include <block/names.hpp>

using namespace os;

namespace {

std::string next(block::NameCounter& names, const char* prefix) {
    char name[16];
    const Result<void> result = names.next(prefix, name, sizeof name);
    return result.ok() ? name : "error";
}

} // namespace

TEST_CASE("letters count from a to z and on with two") {
    block::NameCounter names;
    CHECK(next(names, "vd") == "vda");
    CHECK(next(names, "vd") == "vdb");
    for (int i = 2; i < 25; ++i)
        next(names, "vd");
    CHECK(next(names, "vd") == "vdz");
    CHECK(next(names, "vd") == "vdaa");
    CHECK(next(names, "vd") == "vdab");
}

TEST_CASE("two letters end in zz and three follow; no name comes twice") {
    block::NameCounter names;
    std::set<std::string> seen;
    std::string last;
    for (int i = 0; i < 26 + 26 * 26; ++i)
        CHECK(seen.insert(last = next(names, "sd")).second);
    CHECK(last == "sdzz");
    CHECK(next(names, "sd") == "sdaaa");
}

TEST_CASE("each prefix counts for itself, some in numbers") {
    block::NameCounter names;
    CHECK(next(names, "sd") == "sda");
    CHECK(next(names, "vd") == "vda");
    CHECK(next(names, "nvme") == "nvme0n1");
    CHECK(next(names, "nvme") == "nvme1n1");
    CHECK(next(names, "sr") == "sr0");
    CHECK(next(names, "hd") == "error");
}

TEST_CASE("a name that does not fit is refused") {
    block::NameCounter names;
    char name[5];
    CHECK(names.next("nvme", name, sizeof name).error() == Errno::enospc);
    CHECK(names.next("sr", name, sizeof name).ok());
}
