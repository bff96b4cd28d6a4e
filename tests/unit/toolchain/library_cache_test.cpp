#include <toolchain/library_cache.hpp>

#include <cstring>
#include <random>

#include <doctest/doctest.h>

#include <support/process.hpp>

using namespace unik;
using namespace unik::toolchain;

namespace {

const LibraryCache k_some{{"libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"},
                          {"libfoo.so.2", "/opt/foo/libfoo.so.2"},
                          {"libfoo.so.10", "/opt/foo/libfoo.so.10"},
                          {"libfoo-1.so.1", "/opt/foo/libfoo-1.so.1"},
                          {"libfoo", "/opt/foo/libfoo"}};

// Names in the order of the entries.
std::vector<std::string> names_in(const ByteVector& bytes) {
    std::vector<std::string> names;
    for (std::size_t at = 48; at < 48 + k_some.size() * 24; at += 24) {
        std::uint32_t offset = 0;
        std::memcpy(&offset, bytes.data() + at + 4, sizeof offset);
        names.emplace_back(reinterpret_cast<const char*>(bytes.data()) + offset);
    }
    return names;
}

} // namespace

TEST_CASE("a cache that was written is read back the same") {
    CHECK(read_library_cache(write_library_cache(k_some)) == k_some);
    CHECK(read_library_cache(write_library_cache({})).empty());
}

TEST_CASE("entries fall in the loader's order, in which digits are numbers") {
    CHECK(names_in(write_library_cache(k_some)) ==
          std::vector<std::string>{"libfoo.so.10", "libfoo.so.2", "libfoo-1.so.1", "libfoo",
                                   "libc.so.6"});
}

TEST_CASE("ldconfig reads what was written, and we what ldconfig has written") {
    const auto folder = TemporaryDirectory::create("unik-test-");
    REQUIRE(folder.ok());
    const auto file = folder->path() / "cache";
    REQUIRE(write_file(file, ByteSpan(write_library_cache(k_some))).ok());
    Command command;
    command.arguments = {"/sbin/ldconfig", "-p", "-C", file.string()};
    const auto printed = run_successfully(command, "test");
    REQUIRE(printed.ok());
    for (const auto& [name, path] : k_some)
        CHECK(printed->output.find(name + " (libc6,x86-64) => " + path + "\n") !=
              std::string::npos);
    const auto host = read_file("/etc/ld.so.cache", Bytes{64 << 20});
    REQUIRE(host.ok());
    const LibraryCache cache = read_library_cache(*host);
    REQUIRE(cache.contains("libc.so.6"));
    CHECK(cache.at("libc.so.6").ends_with("/libc.so.6"));
    // The loader halves its way: the order must be that of ldconfig.
    CHECK(read_library_cache(write_library_cache(cache)) == cache);
}

TEST_CASE("entries for other machines and for special hardware are passed over") {
    ByteVector bytes = write_library_cache({{"liba.so", "/a"}, {"libb.so", "/b"}});
    bytes[49] = 0; // libb.so: flags of another machine
    CHECK(read_library_cache(bytes) == LibraryCache{{"liba.so", "/a"}});
    bytes[48 + 24 + 16] = 1; // liba.so: hardware capabilities
    CHECK(read_library_cache(bytes).empty());
}

TEST_CASE("a table behind one of the old kind is found") {
    ByteVector bytes(16 + 3 * 12 + 4);
    std::memcpy(bytes.data(), "ld.so-1.7.0", 11);
    bytes[12] = 3;
    const ByteVector table = write_library_cache(k_some);
    bytes.insert(bytes.end(), table.begin(), table.end());
    CHECK(read_library_cache(bytes) == k_some);
    bytes[14] = 0xff; // more old entries than there are
    CHECK(read_library_cache(bytes).empty());
}

TEST_CASE("a damaged cache holds nothing, or what is whole in it") {
    const ByteVector whole = write_library_cache(k_some);
    for (std::size_t size = 0; size + 1 < whole.size(); ++size)
        CHECK(read_library_cache(ByteSpan(whole).first(size)).size() <= k_some.size());
    CHECK(read_library_cache(ByteSpan(whole).first(whole.size() - 1)).empty());
    std::mt19937 random(7);
    for (unsigned round = 0; round < 3000; ++round) {
        ByteVector bytes = whole;
        for (unsigned i = 0; i < 3; ++i)
            bytes[random() % (48 + k_some.size() * 24)] = static_cast<std::uint8_t>(random());
        for (const auto& [name, path] : read_library_cache(bytes))
            REQUIRE(name.size() + path.size() <= 2 * bytes.size());
    }
}
