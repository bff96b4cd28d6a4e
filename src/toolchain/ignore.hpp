// .unikignore: what `files` leaves out. It works as .dockerignore does: one pattern a line,
// relative to the project's folder; '#' starts a comment; '!' brings back what an earlier line left
// out; the last line that matches decides; what lies in a folder that is left out is left out as
// well.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <support/result.hpp>
#include <toolchain/glob.hpp>

namespace unik::toolchain {

class IgnoreRules {
public:
    // Leaves nothing out.
    IgnoreRules() = default;
    // Every bad pattern is reported with its line.
    static Result<IgnoreRules> parse(const std::string& file_name, std::string_view text);
    // The project's .unikignore; without one, nothing is left out.
    static Result<IgnoreRules> load(const std::filesystem::path& project);

    // path: relative to the project's folder, normalised.
    bool excludes(std::string_view path) const;
    // Whether something inside an excluded folder may come back.
    bool has_exceptions() const;

private:
    struct Rule {
        Glob pattern;
        bool exception = false;
    };
    std::vector<Rule> rules_;
};

} // namespace unik::toolchain
