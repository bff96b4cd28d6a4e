#include <toolchain/libraries.hpp>

#include <algorithm>
#include <cstring>

#include <doctest/doctest.h>

#include <elf/layout.hpp>
#include <toolchain/library_cache.hpp>
#include <toolchain/loader.hpp>

#include "project.hpp"

using namespace unik;
using namespace unik::toolchain;
using project_test::Project;
namespace fs = std::filesystem;

namespace {

constexpr const char* k_loader = "/lib64/ld-linux-x86-64.so.2";
constexpr const char* k_musl_loader = "/lib/ld-musl-x86_64.so.1";

// An ELF file with a dynamic section and nothing else that matters to a loader's search.
struct Elf {
    std::vector<std::string> needed;
    std::string soname;
    std::string rpath;
    std::string runpath;
    std::string interpreter;
    std::uint16_t machine = elf::k_machine_x86_64;
    std::string text; // somewhere in the file

    std::string bytes() const {
        constexpr std::uint64_t k_strings = 0x400;
        constexpr std::uint64_t k_interpreter = 0x300;
        std::string strings(1, '\0');
        std::vector<elf::DynamicEntry> entries{{elf::k_dynamic_string_table, k_strings}};
        const auto add = [&](std::uint64_t tag, const std::string& value) {
            if (value.empty())
                return;
            entries.push_back({tag, strings.size()});
            strings += value + '\0';
        };
        for (const std::string& name : needed)
            add(elf::k_dynamic_needed, name);
        add(elf::k_dynamic_soname, soname);
        add(elf::k_dynamic_rpath, rpath);
        add(elf::k_dynamic_runpath, runpath);
        entries.push_back({elf::k_dynamic_null, 0});
        std::string out(k_strings, '\0');
        out += strings + text;
        elf::FileHeader header{};
        std::memcpy(header.identification, elf::k_magic, sizeof elf::k_magic);
        header.identification[4] = 2;
        header.identification[5] = header.identification[6] = 1;
        header.type = 3;
        header.machine = machine;
        header.version = 1;
        header.entry = 0x400;
        header.program_header_offset = 64;
        header.program_header_size = sizeof(elf::ProgramHeader);
        header.program_header_count = interpreter.empty() ? 2 : 3;
        const auto size = static_cast<std::uint64_t>(out.size());
        const std::uint64_t table_size = entries.size() * sizeof(elf::DynamicEntry);
        const elf::ProgramHeader headers[] = {
            {elf::k_segment_load, 5, 0, 0, 0, size, size, 0x1000},
            {elf::k_segment_dynamic, 6, 0x200, 0x200, 0, table_size, table_size, 8},
            {elf::k_segment_interpreter, 4, k_interpreter, k_interpreter, 0, interpreter.size() + 1,
             interpreter.size() + 1, 1},
        };
        std::memcpy(out.data(), &header, sizeof header);
        std::memcpy(out.data() + 64, headers, sizeof headers);
        std::memcpy(out.data() + 0x200, entries.data(), table_size);
        std::memcpy(out.data() + k_interpreter, interpreter.data(), interpreter.size());
        return out;
    }
};

// An image with a program /bin/app and its loader; a host folder beside it.
class World {
public:
    explicit World(Elf program, const char* loader = k_loader) {
        program.interpreter = loader;
        search.program = "/bin/app";
        search.folder = project.outside();
        search.host_cache.clear(); // what lies in this machine is no business of these tests
        add("/bin/app", program);
        Elf interpreter;
        interpreter.soname = fs::path(loader).filename();
        interpreter.text = std::string("\0/lib64/\0/usr/lib64/\0x", 22);
        add(loader, interpreter);
    }

    void add(const std::string& path, const Elf& elf) {
        const std::string name = "image" + path;
        project.write(name, elf.bytes());
        CollectedFile file;
        file.path = path;
        file.source = project.path() / name;
        files.push_back(file);
    }

    // A library of the host, in a folder whose path it returns.
    std::string on_host(const std::string& name, const Elf& elf) {
        project.write("host/" + name, elf.bytes());
        return (project.path() / "host").string();
    }

    Result<void> close() { return add_libraries(files, search); }

    const CollectedFile* find(const std::string& path) const {
        const auto found = std::find_if(files.begin(), files.end(), [&](const CollectedFile& file) {
            return file.path == path;
        });
        return found == files.end() ? nullptr : &*found;
    }
    std::string reason(const std::string& path) const {
        const CollectedFile* file = find(path);
        return file == nullptr ? "(not there)" : file->reason;
    }

    Project project;
    std::vector<CollectedFile> files;
    LibrarySearch search;
};

Elf needs(std::vector<std::string> names) {
    Elf elf;
    elf.needed = std::move(names);
    return elf;
}

Elf with_runpath(Elf elf, std::string runpath) {
    elf.runpath = std::move(runpath);
    return elf;
}

Elf with_rpath(Elf elf, std::string rpath) {
    elf.rpath = std::move(rpath);
    return elf;
}

} // namespace

TEST_CASE("libraries are found in the loader's folders, and each says who needs it") {
    World world(needs({"liba.so.1"}));
    world.add("/lib64/liba.so.1", needs({"libb.so.2"}));
    world.add("/usr/lib64/libb.so.2", {});
    REQUIRE(world.close().ok());
    CHECK(world.reason("/lib64/liba.so.1") == "needed by '/bin/app'");
    CHECK(world.reason("/usr/lib64/libb.so.2") == "needed by '/lib64/liba.so.1'");
    CHECK(world.reason(k_loader) == "loader of '/bin/app'");
    CHECK(std::is_sorted(world.files.begin(), world.files.end(),
                         [](const auto& a, const auto& b) { return a.path < b.path; }));
}

TEST_CASE("a host's library comes along under its path, with the links that lead to it") {
    World world({});
    const std::string folder = world.on_host("libx.so.1.2", {});
    world.project.link("libx.so.1.2", "host/libx.so.1");
    world.files.clear();
    Elf program = with_runpath(needs({"libx.so.1"}), folder);
    program.interpreter = k_loader;
    world.add("/bin/app", program);
    Elf loader;
    loader.soname = "ld-linux-x86-64.so.2";
    world.add(k_loader, loader);
    REQUIRE(world.close().ok());
    const CollectedFile* link = world.find(folder + "/libx.so.1");
    REQUIRE(link != nullptr);
    CHECK(link->kind == CollectedFile::Kind::symbolic_link);
    CHECK(link->link_target == "libx.so.1.2");
    CHECK(world.reason(folder + "/libx.so.1.2") == "needed by '/bin/app'");
    REQUIRE(world.find(folder) != nullptr);
    CHECK(world.find(folder)->kind == CollectedFile::Kind::directory);
}

TEST_CASE("$ORIGIN is the folder in the image, and the one where a file was built") {
    World world(with_runpath(needs({"libown.so", "libmoved.so"}), "$ORIGIN/../own:${ORIGIN}/libs"));
    world.add("/own/libown.so", {});
    world.project.write("image/bin/libs/libmoved.so", Elf().bytes()); // not among the files
    REQUIRE(world.close().ok());
    CHECK(world.reason("/own/libown.so") == "needed by '/bin/app'");
    CHECK(world.reason("/bin/libs/libmoved.so") == "needed by '/bin/app'");
}

TEST_CASE("what only the host's index knows gets an index in the image") {
    World world(needs({"libindexed.so.1"}));
    const std::string folder = world.on_host("libindexed.so.1", {});
    world.search.host_cache = world.project.path() / "cache";
    const LibraryCache host{{"libindexed.so.1", folder + "/libindexed.so.1"},
                            {"libother.so.1", folder + "/libother.so.1"}};
    REQUIRE(write_file(world.search.host_cache, ByteSpan(write_library_cache(host))).ok());
    REQUIRE(world.close().ok());
    const CollectedFile* index = world.find("/etc/ld.so.cache");
    REQUIRE(index != nullptr);
    const auto bytes = read_file(index->source, Bytes{1 << 20});
    REQUIRE(bytes.ok());
    CHECK(read_library_cache(*bytes) ==
          LibraryCache{{"libindexed.so.1", folder + "/libindexed.so.1"}});
    CHECK(world.reason(folder + "/libindexed.so.1") == "needed by '/bin/app'");
}

TEST_CASE("RPATH serves those who were loaded, RUNPATH only who has it") {
    World inherited(with_rpath(needs({"libouter.so"}), "/own"));
    inherited.add("/own/libouter.so", needs({"libinner.so"}));
    inherited.add("/own/libinner.so", {});
    CHECK(inherited.close().ok());

    World own(with_runpath(needs({"libouter.so"}), "/own"));
    own.add("/own/libouter.so", needs({"libinner.so"}));
    own.add("/own/libinner.so", {});
    const auto closed = own.close();
    REQUIRE_FALSE(closed.ok());
    REQUIRE(closed.error().diagnostics.size() == 1);
    const Diagnostic& problem = closed.error().diagnostics[0];
    CHECK(problem.id == "missing-library");
    CHECK(problem.message ==
          "'/own/libouter.so' needs the library 'libinner.so', which was not found");
    REQUIRE(problem.notes.size() == 2);
    CHECK(problem.notes[0] == "'/own/libouter.so' is needed by '/bin/app'");
    CHECK(problem.notes[1] == "looked in /lib64, /usr/lib64");
}

TEST_CASE("LD_LIBRARY_PATH comes before RUNPATH and after RPATH") {
    for (const bool runpath : {false, true}) {
        CAPTURE(runpath);
        World world(runpath ? with_runpath(needs({"liba.so"}), "/own")
                            : with_rpath(needs({"liba.so"}), "/own"));
        world.search.library_path = "/env";
        world.add("/own/liba.so", needs({"libfromown.so"}));
        world.add("/env/liba.so", needs({"libfromenv.so"}));
        const auto closed = world.close();
        REQUIRE_FALSE(closed.ok());
        // Both are among the image's files, so both are looked at; the one found is so for the app.
        CHECK(closed.error().diagnostics[0].message.find(runpath ? "libfromenv" : "libfromown") !=
              std::string::npos);
    }
}

TEST_CASE("what is missing is told in one run, with the package that Debian would have it in") {
    World world(needs({"libFoo_x2.so.1", "libbar.so"}));
    const auto closed = world.close();
    REQUIRE_FALSE(closed.ok());
    REQUIRE(closed.error().diagnostics.size() == 2);
    CHECK(closed.error().diagnostics[0].hint.find("apt-get install libfoo-x2-1 ") !=
          std::string::npos);
    CHECK(closed.error().diagnostics[1].hint.find("apt-file search libbar.so") !=
          std::string::npos);
}

TEST_CASE("a library opened by name is needed unless a question mark says otherwise") {
    const std::vector<std::string> names{"liba.so", "libnone.so?"};
    World world({});
    world.search.opened_by_name = names;
    world.add("/lib64/liba.so", needs({"libb.so"}));
    world.add("/lib64/libb.so", {});
    REQUIRE(world.close().ok());
    CHECK(world.reason("/lib64/liba.so") == "opened by name");
    CHECK(world.reason("/lib64/libb.so") == "needed by '/lib64/liba.so'");
    const std::vector<std::string> hard{"libnone.so"};
    world.search.opened_by_name = hard;
    const auto closed = world.close();
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().diagnostics[0].id == "missing-library");
}

TEST_CASE("modules among the files bring what they need, those for other machines nothing") {
    World world(needs({"libmain.so"}));
    world.add("/lib64/libmain.so", {});
    world.add("/srv/module.so", with_runpath(needs({"libmain.so", "libpart.so"}), "$ORIGIN/parts"));
    world.add("/srv/parts/libpart.so", {});
    Elf foreign = needs({"libnever.so"});
    foreign.machine = 183;
    world.add("/srv/arm.so", foreign);
    world.add("/srv/musl.so", needs({"libc.musl-x86_64.so.1", "libnever.so"}));
    REQUIRE(world.close().ok());
    CHECK(world.reason("/srv/parts/libpart.so") == "needed by '/srv/module.so'");
    CHECK(world.reason("/srv/module.so").empty());
}

TEST_CASE("a library for another machine is passed over for the next folder's") {
    World world(with_runpath(needs({"liba.so"}), "/first:/second"));
    Elf foreign;
    foreign.machine = 40;
    world.add("/first/liba.so", foreign);
    world.add("/second/liba.so", {});
    REQUIRE(world.close().ok());
    CHECK(world.reason("/second/liba.so") == "needed by '/bin/app'");
}

TEST_CASE("musl's loader is the C library, and looks along RUNPATH upwards") {
    World world(with_runpath(needs({"libouter.so", "libc.so", "libpthread.so.0"}), "/own"),
                k_musl_loader);
    world.add("/own/libouter.so", needs({"libinner.so", "libc.so"}));
    world.add("/own/libinner.so", {});
    world.add("/etc/ld-musl-x86_64.path", {});
    world.project.write("image/etc/ld-musl-x86_64.path", "/other\n");
    REQUIRE(world.close().ok());
    CHECK(world.reason("/own/libinner.so") == "needed by '/own/libouter.so'");
}

TEST_CASE("a loader that is nowhere is an error") {
    World world({}, "/nowhere/ld-linux-x86-64.so.2");
    std::erase_if(world.files, [](const CollectedFile& file) { return file.path != "/bin/app"; });
    const auto closed = world.close();
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().diagnostics[0].id == "missing-library");
    CHECK(closed.error().diagnostics[0].message.find("/nowhere/ld-linux") != std::string::npos);
}

TEST_CASE("a damaged library is an error that names it") {
    World world(needs({"liba.so"}));
    world.add("/lib64/liba.so", {});
    std::string cut = Elf().bytes();
    cut.resize(cut.size() - 1);
    world.project.write("image/lib64/liba.so", cut);
    const auto closed = world.close();
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().diagnostics[0].id == "corrupt-elf");
    CHECK(closed.error().diagnostics[0].message.find("liba.so") != std::string::npos);
}

TEST_CASE("tokens in search paths are put in as each loader does") {
    const Loader glibc = describe_loader(k_loader, {});
    CHECK(glibc.folders == std::vector<std::string>{"/lib64", "/usr/lib64"});
    CHECK(expand_tokens(glibc, "$ORIGIN/${LIB}/$PLATFORM/$X", "/o") == "/o/lib64/x86_64/$X");
    CHECK(expand_tokens(glibc, "$ORIGINAL", "/o") == "$ORIGINAL");
    const Loader musl = describe_loader(k_musl_loader, {});
    CHECK(expand_tokens(musl, "${ORIGIN}/x", "/o") == "/o/x");
    CHECK(expand_tokens(musl, "/$LIB", "/o").empty());
    CHECK(is_built_in(musl, "libm.so.6"));
    CHECK_FALSE(is_built_in(musl, "libmagic.so.1"));
    CHECK_FALSE(is_built_in(glibc, "libm.so.6"));
}
