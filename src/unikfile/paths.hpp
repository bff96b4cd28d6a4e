// Paths that a Unikfile may name: inside the project's folder, and inside the image. Lexical only;
// what symbolic links on the disk make of them is checked where files are collected.
#pragma once

#include <string>
#include <string_view>

#include <vocabulary/result.hpp>

namespace unik::unikfile {

struct PathProblem {
    std::string id;
    std::string message;
    std::string hint;
};

// "./a//b/../c" becomes "a/c", the folder itself "."; what leaves the project is refused.
vocabulary::Result<std::string, PathProblem> normalise_project_path(std::string_view text);

// "//srv/./x/" becomes "/srv/x"; relative paths and ".." are refused.
vocabulary::Result<std::string, PathProblem> normalise_image_path(std::string_view text);

} // namespace unik::unikfile
