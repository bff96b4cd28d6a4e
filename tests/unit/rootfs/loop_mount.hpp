// An EROFS image mounted by Linux, where this machine can: it needs root, loop devices and a kernel
// with EROFS. Whether it can is found out with an image that mkfs.erofs made, so that a fault of
// ours never looks like a lack of the machine's.
#pragma once

#include <filesystem>

class LoopMount {
public:
    LoopMount(const std::filesystem::path& image, const std::filesystem::path& scratch);
    LoopMount(const LoopMount&) = delete;
    LoopMount& operator=(const LoopMount&) = delete;
    ~LoopMount();

    // False where the machine cannot, and then a message says so.
    bool is_mounted() const { return mounted_; }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    bool mounted_ = false;
};
