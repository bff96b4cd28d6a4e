#include "loop_mount.hpp"

#include <doctest/doctest.h>

#include <support/process.hpp>

namespace {

namespace fs = std::filesystem;

bool succeeds(std::vector<std::string> arguments) {
    unik::Command command;
    command.arguments = std::move(arguments);
    const auto done = unik::run(command);
    return done.ok() && done->exit_status == 0;
}

bool mount(const fs::path& image, const fs::path& folder) {
    return succeeds({"mount", "-t", "erofs", "-o", "loop,ro", image, folder});
}

bool machine_can(const fs::path& scratch) {
    const fs::path image = scratch / "reference.erofs";
    const fs::path folder = scratch / "reference";
    fs::create_directories(folder);
    REQUIRE(succeeds({"mkfs.erofs", image, folder}));
    const bool mounted = mount(image, folder);
    if (mounted)
        REQUIRE(succeeds({"umount", folder}));
    return mounted;
}

} // namespace

LoopMount::LoopMount(const fs::path& image, const fs::path& scratch) : path_(scratch / "mounted") {
    fs::create_directories(path_);
    mounted_ = mount(image, path_);
    if (mounted_)
        return;
    if (machine_can(scratch))
        FAIL("Linux mounts the image of mkfs.erofs, but not ours");
    MESSAGE("this machine cannot mount EROFS images; fsck.erofs alone has read it");
}

LoopMount::~LoopMount() {
    if (mounted_)
        CHECK(succeeds({"umount", path_}));
}
