// The folder outside the project in which a project is built: the source tree stays clean, and the
// next build finds what it can use again. One build at a time holds it.
//
//     $XDG_CACHE_HOME/unik/build/<hash of project and recipe>/{out,tools,lock}
#pragma once

#include <filesystem>
#include <string>

#include <support/result.hpp>

namespace unik::toolchain {

class Workspace {
public:
    // key: what tells this build from others. Waits for another build of the same.
    static Result<Workspace> open(const std::string& key);
    Workspace(Workspace&& other) noexcept;
    Workspace& operator=(Workspace&&) = delete;
    ~Workspace();

    const std::filesystem::path& out() const { return out_; }
    const std::filesystem::path& tools() const { return tools_; }

private:
    Workspace(std::filesystem::path out, std::filesystem::path tools, int lock);
    std::filesystem::path out_;
    std::filesystem::path tools_;
    int lock_;
};

} // namespace unik::toolchain
