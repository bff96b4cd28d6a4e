// One build, compared with the last one that wrote the same bundle.
//
//     $XDG_CACHE_HOME/unik/builds/<digest of the bundle's path>
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include <cache/record.hpp>
#include <cache/situation.hpp>

namespace unik::cache {

class Rebuild {
public:
    explicit Rebuild(Situation situation);

    // Before anything runs: every input is the same, and the bundle is as it was left.
    bool is_unchanged() const;
    // The files that the tools read, when the recipe can tell.
    void set_inputs(std::vector<std::filesystem::path> inputs) { inputs_ = std::move(inputs); }
    // After the tools ran: what they made and what goes with it is the same.
    bool is_same_link(const toolchain::Application& application);
    // The folder that becomes the bundle, before it does.
    void set_made(const std::filesystem::path& staging);
    // The bundle is in place. What cannot be recorded is built again next time.
    void remember(const toolchain::Application& application) const;

private:
    bool bundle_is_whole() const;
    std::vector<FileState> observe_bundle() const;
    std::vector<FileState> observe_inputs(const toolchain::Application& application) const;

    Situation situation_;
    std::chrono::system_clock::time_point started_;
    std::filesystem::path file_; // empty: there is no folder for records
    std::optional<std::string> given_;
    std::optional<std::string> linked_;
    std::optional<Record> last_;
    std::vector<std::filesystem::path> inputs_;
    std::string made_; // the stamp of the kernel that this build wrote
};

} // namespace unik::cache
