// Whole images, read by those who know the format best: fsck.erofs and dump.erofs, Linux itself by
// a loop mount where this machine can, and veritysetup for the hash tree.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rootfs/erofs.hpp>
#include <support/process.hpp>
#include <vocabulary/erofs_layout.hpp>

#include "loop_mount.hpp"
#include "scratch.hpp"

using namespace unik;
using toolchain::Application;
using toolchain::CollectedFile;
using Kind = CollectedFile::Kind;
namespace fs = std::filesystem;
namespace erofs = vocabulary::erofs;

namespace {

std::string tool(std::vector<std::string> arguments) {
    Command command;
    command.arguments = std::move(arguments);
    const auto done = run_successfully(command, "tool");
    INFO((done.ok() ? std::string() : to_text(done.error())));
    REQUIRE(done.ok());
    return done->output;
}

fs::path save(const Scratch& scratch, const rootfs::RootFs& root) {
    return scratch.write("root.erofs", root.bytes());
}

rootfs::RootFs build(const Scratch& scratch, const Application& application) {
    auto root = rootfs::build(application, scratch.path());
    INFO((root.ok() ? std::string() : to_text(root.error())));
    REQUIRE(root.ok());
    return std::move(root).value();
}

std::string content_of(const fs::path& path) {
    auto text = read_text_file(path, Bytes{1ULL << 30});
    REQUIRE(text.ok());
    return std::move(text).value();
}

// One line for all that an entry is.
std::string describe(const fs::path& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    std::string out = fmt::format("{:o} ", status.st_mode);
    if (S_ISLNK(status.st_mode))
        return out + fs::read_symlink(path).string();
    if (S_ISDIR(status.st_mode))
        return out;
    return out + fmt::format("{} {} ", status.st_mtime, status.st_size) +
           to_hex(sha256_file(path).value());
}

std::map<std::string, std::string> describe_all(const fs::path& folder) {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        out["/" + entry.path().lexically_relative(folder).string()] = describe(entry.path());
    return out;
}

std::map<std::string, std::string> expected(const Application& application) {
    std::map<std::string, std::string> out{{"/dev", "40755 "},
                                           {"/etc", "40755 "},
                                           {"/etc/hostname", "120777 /run/hostname"},
                                           {"/etc/hosts", "120777 /run/hosts"},
                                           {"/etc/resolv.conf", "120777 /run/resolv.conf"},
                                           {"/proc", "40755 "},
                                           {"/run", "40755 "},
                                           {"/sys", "40755 "},
                                           {"/tmp", "41777 "}};
    for (const CollectedFile& file : application.files) {
        for (fs::path above = fs::path(file.path).parent_path(); above != "/";
             above = above.parent_path())
            out.try_emplace(above.string(), "40755 ");
        if (file.kind == Kind::directory)
            out[file.path] = fmt::format("{:o} ", S_IFDIR | file.mode);
        else if (file.kind == Kind::symbolic_link)
            out[file.path] = fmt::format("{:o} {}", S_IFLNK | 0777, file.link_target);
        else
            out[file.path] = fmt::format("{:o} {} {} ", S_IFREG | file.mode,
                                         file.modified.value_or(0), fs::file_size(file.source)) +
                             to_hex(sha256_file(file.source).value());
    }
    return out;
}

// fsck.erofs gives a file its owner after its mode, whereupon Linux takes the set-user bit away.
std::map<std::string, std::string> as_extracted(std::map<std::string, std::string> entries) {
    for (auto& [path, description] : entries)
        if (description.starts_with("104"))
            description.replace(0, 3, "100");
    return entries;
}

void compare(const std::map<std::string, std::string>& found,
             const std::map<std::string, std::string>& wanted) {
    CHECK(found.size() == wanted.size());
    for (const auto& [path, description] : wanted) {
        CAPTURE(path);
        const auto there = found.find(path);
        REQUIRE(there != found.end());
        CHECK(there->second == description);
    }
}

// Both readers see what was collected, byte for byte.
void check_image(const Scratch& scratch, const Application& application) {
    const fs::path image = save(scratch, build(scratch, application));
    const auto wanted = expected(application);
    const fs::path folder = scratch.path() / "extracted";
    fs::create_directory(folder);
    tool({"fsck.erofs", "--extract=" + folder.string(), "--preserve", "--overwrite", image});
    compare(describe_all(folder), as_extracted(wanted));
    fs::remove_all(folder);
    const LoopMount mount(image, scratch.path());
    if (mount.is_mounted())
        compare(describe_all(mount.path()), wanted);
}

std::string random_name(std::mt19937& random) {
    static constexpr std::size_t k_lengths[] = {1, 2, 5, 12, 40, 255};
    std::string name;
    const std::size_t length = k_lengths[random() % std::size(k_lengths)];
    while (name.size() < length) {
        const char c = static_cast<char>(1 + random() % 255);
        if (c != '/')
            name += c;
    }
    return name == "." || name == ".." ? "_" : name;
}

std::string random_content(std::mt19937& random) {
    static constexpr std::size_t k_sizes[] = {0,    1,    17,   1023, 1024,  1025,
                                              4095, 4096, 4097, 5000, 70000, 300000};
    std::string content(k_sizes[random() % std::size(k_sizes)], '\0');
    for (char& c : content)
        c = static_cast<char>(random());
    return content;
}

CollectedFile random_entry(std::mt19937& random, const Scratch& scratch, const std::string& folder,
                           std::size_t number) {
    CollectedFile file;
    file.path = (folder == "/" ? "" : folder) + "/" + random_name(random);
    static constexpr unsigned k_modes[] = {0644, 0755, 0600, 0444, 04755, 01777};
    file.mode = k_modes[random() % std::size(k_modes)];
    switch (random() % 4) {
    case 0: file.kind = Kind::directory; break;
    case 1:
        file.kind = Kind::symbolic_link;
        file.link_target = std::string(1 + random() % (random() % 8 == 0 ? 4090 : 60), 't');
        break;
    default:
        file.source = scratch.write(fmt::format("source{}", number), random_content(random));
        if (random() % 2 == 0)
            file.modified = 1'600'000'000 + static_cast<std::int64_t>(random() % 1000);
    }
    return file;
}

Application random_tree(std::mt19937& random, const Scratch& scratch) {
    Application application;
    std::vector<std::string> folders{"/"};
    std::set<std::string> taken{"/dev", "/proc", "/run", "/sys", "/tmp"};
    const std::size_t count = 1 + random() % 120;
    for (std::size_t i = 0; i < count; ++i) {
        CollectedFile file = random_entry(random, scratch, folders[random() % folders.size()], i);
        // Readers put a folder's path before it, and Linux takes 4095 bytes.
        if (file.path.size() > 1500 || !taken.insert(file.path).second)
            continue;
        if (file.kind == Kind::directory)
            folders.push_back(file.path);
        application.files.push_back(std::move(file));
    }
    std::sort(application.files.begin(), application.files.end(),
              [](const CollectedFile& a, const CollectedFile& b) { return a.path < b.path; });
    return application;
}

} // namespace

TEST_CASE("others read what was collected: files, folders, links, modes") {
    const Scratch scratch;
    check_image(scratch, scratch.application());
}

TEST_CASE("others read random trees as they were collected") {
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U}) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const Scratch scratch;
        check_image(scratch, random_tree(random, scratch));
    }
}

TEST_CASE("dump.erofs finds superblock, root and statistics") {
    const Scratch scratch;
    const rootfs::RootFs root = scratch.build();
    const std::string text = tool({"dump.erofs", "-s", "-S", save(scratch, root)});
    const auto says = [&](const std::string& what, std::uint64_t value) {
        const std::size_t line = text.find(what + ":");
        REQUIRE(line != std::string::npos);
        CHECK(std::stoull(text.substr(line + what.size() + 1)) == value);
    };
    says("Filesystem blocks", root.bytes().size() / 4096);
    says("Filesystem inode count", root.file_count);
    says("Filesystem total file count", root.file_count);
    says("Filesystem root nid", 36);
    CHECK(text.find("sb_csum mtime") != std::string::npos);
}

TEST_CASE("a changed byte in the superblock's block is found") {
    const Scratch scratch;
    const rootfs::RootFs root = scratch.build();
    for (const std::size_t offset : {1024UL + 60, 1152UL + 4, 4095UL}) {
        CAPTURE(offset);
        ByteVector bytes(root.bytes().begin(), root.bytes().end());
        bytes.at(offset) ^= 1;
        Command command;
        command.arguments = {"fsck.erofs", scratch.write("damaged", ByteSpan(bytes))};
        const auto done = run(command); // its exit status tells nothing about this
        REQUIRE(done.ok());
        CHECK(done->output.find("checksum") != std::string::npos);
    }
}

TEST_CASE("a folder with 100,000 entries is searched by halving, and nothing is lost") {
    const Scratch scratch;
    const fs::path source = scratch.write("x", "content");
    Application application;
    for (int i = 0; i < 100'000; ++i)
        application.files.push_back(
            {Kind::regular, fmt::format("/many/{:x}-name", i * 7919 % 100'003), 0644, source, ""});
    std::sort(application.files.begin(), application.files.end(),
              [](const CollectedFile& a, const CollectedFile& b) { return a.path < b.path; });
    const fs::path image = save(scratch, build(scratch, application));
    tool({"fsck.erofs", image});
    const LoopMount mount(image, scratch.path());
    if (!mount.is_mounted())
        return;
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(mount.path() / "many"))
        count += entry.is_regular_file() ? 1 : 0;
    CHECK(count == 100'000);
    for (int i = 0; i < 100'000; i += 9973)
        CHECK(fs::exists(mount.path() / fmt::format("many/{:x}-name", i * 7919 % 100'003)));
    CHECK_FALSE(fs::exists(mount.path() / "many/absent"));
}

TEST_CASE("one file of the host under two names is one file with two links") {
    const Scratch scratch;
    const fs::path one = scratch.write("one", std::string(9000, 'x'));
    const fs::path two = scratch.path() / "two";
    REQUIRE(::link(one.c_str(), two.c_str()) == 0);
    Application application;
    application.files = {{Kind::regular, "/a/one", 0644, one, ""},
                         {Kind::regular, "/a/other-mode", 0600, two, ""},
                         {Kind::regular, "/b/two", 0644, two, ""}};
    const rootfs::RootFs root = build(scratch, application);
    // /, five mount points, /etc with three links, /a, /b, and two files
    CHECK(root.file_count == 14);
    const fs::path image = save(scratch, root);
    tool({"fsck.erofs", image});
    const LoopMount mount(image, scratch.path());
    if (!mount.is_mounted())
        return;
    CHECK(fs::hard_link_count(mount.path() / "a/one") == 2);
    CHECK(fs::equivalent(mount.path() / "a/one", mount.path() / "b/two"));
    CHECK(fs::hard_link_count(mount.path() / "a/other-mode") == 1);
    CHECK(content_of(mount.path() / "b/two") == std::string(9000, 'x'));
}

TEST_CASE("files over the inline limit begin at a block, so that their pages can be mapped") {
    const Scratch scratch;
    Application application;
    application.files = {
        {Kind::regular, "/long", 0755, scratch.write("long", std::string(4096 + 500, 'l')), ""},
        {Kind::regular, "/short", 0644, scratch.write("short", std::string(1024, 's')), ""}};
    const auto tree = rootfs::make_tree(application);
    REQUIRE(tree.ok());
    const auto plan = rootfs::make_plan(tree.value());
    REQUIRE(plan.ok());
    for (const rootfs::Entry& entry : tree->nodes[0].entries) {
        const rootfs::Place& place = plan->places[entry.node];
        if (entry.name == "long") {
            CHECK(place.inline_size == 0);
            CHECK(place.blocks == 2);
        } else if (entry.name == "short") {
            CHECK(place.inline_size == 1024);
            CHECK(place.blocks == 0);
        }
    }
}

TEST_CASE("a file beyond 4 GiB, one with its own time and one with many links have long inodes") {
    rootfs::Tree tree;
    tree.nodes.resize(4);
    tree.nodes[0].links = 2;
    for (const rootfs::NodeIndex index : {1U, 2U, 3U}) {
        tree.nodes[index].kind = Kind::regular;
        tree.nodes[index].size = 5;
        tree.nodes[0].entries.push_back({std::string(1, static_cast<char>('a' + index)), index});
    }
    tree.nodes[1].size = (1ULL << 32) + 5;
    tree.nodes[2].time = 1'700'000'000;
    tree.nodes[3].links = 70'000;
    const auto plan = rootfs::make_plan(tree);
    REQUIRE(plan.ok());
    CHECK(plan->places[0].inode_size == sizeof(erofs::CompactInode));
    CHECK(plan->blocks == plan->meta_blocks + (1ULL << 20) + 1);
    const auto inode = [&](rootfs::NodeIndex index) {
        const ByteVector bytes = rootfs::inode_bytes(tree, plan.value(), index);
        REQUIRE(bytes.size() == sizeof(erofs::ExtendedInode));
        erofs::ExtendedInode out;
        std::memcpy(&out, bytes.data(), sizeof out);
        CHECK((out.format & erofs::k_format_extended) != 0);
        return out;
    };
    CHECK(inode(1).size == (1ULL << 32) + 5);
    CHECK(inode(2).time == 1'700'000'000);
    CHECK(inode(3).links == 70'000);
}

TEST_CASE("an image that a block number cannot reach is refused") {
    rootfs::Tree tree;
    tree.nodes.resize(2);
    tree.nodes[1].kind = Kind::regular;
    tree.nodes[1].size = 17ULL << 40;
    tree.nodes[0].entries.push_back({"x", 1});
    const auto plan = rootfs::make_plan(tree);
    REQUIRE_FALSE(plan.ok());
    CHECK(plan.error().diagnostics.at(0).id == "rootfs-too-large");
}

TEST_CASE("a source that grows or shrinks while the image is written is an error") {
    const Scratch scratch;
    for (const std::size_t size : {std::size_t{10}, std::size_t{30'000}}) {
        Application application;
        application.files = {
            {Kind::regular, "/x", 0644, scratch.write("x", std::string(size, 'x')), ""}};
        const auto tree = rootfs::make_tree(application);
        REQUIRE(tree.ok());
        const auto plan = rootfs::make_plan(tree.value());
        REQUIRE(plan.ok());
        for (const std::size_t now : {size - 1, size + 1}) {
            scratch.write("x", std::string(now, 'y'));
            auto file = rootfs::ImageFile::create(scratch.path());
            REQUIRE(file.ok());
            const auto written = rootfs::write_image(tree.value(), plan.value(), file.value());
            REQUIRE_FALSE(written.ok());
            CHECK(written.error().diagnostics.at(0).id == "file-changed");
        }
    }
}
