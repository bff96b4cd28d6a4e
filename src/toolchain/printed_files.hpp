// What a recipe's `collect` script printed, made into the image's files:
//
//     HOST_PATH<TAB>IMAGE_PATH       the second left out: the same path; a folder with all in it
//
// The scripts come with unik, what they walk over does not: dependencies of the project may hold
// any links, and the host holds secrets. So there are three kinds of places, and no link leads from
// one to another unless it is the system's own:
//
// - the project: .unikignore counts, and so it does for the copy of the project that a recipe makes
// at
//   UNIK_OUT/project; names that begin with a dot (where tools keep their tokens) are left out but
//   for those in node_modules and vendor, and so are the Unikfile and bundles;
// - what the build made, UNIK_OUT: links must stay in there;
// - the host: links are followed, and what they name becomes a file. The user's home folder is no
// such
//   place, except for a runtime that lies in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <support/result.hpp>
#include <toolchain/application.hpp>
#include <toolchain/ignore.hpp>

namespace unik::toolchain {

// Folders without symbolic links in their paths; empty: there is none.
struct CollectPlaces {
    std::filesystem::path project;
    std::filesystem::path out;
    std::filesystem::path home;
    std::filesystem::path runtime_root;
    IgnoreRules ignored;
};

// Sorted by path, with the folders above. title: what messages call the script. Errors, each with
// its line: bad-collected-line, no-such-file, path-escapes, duplicate-path, not-a-file, file-error.
Result<std::vector<CollectedFile>> files_printed(std::string_view text, const std::string& title,
                                                 const CollectPlaces& places);

// The Unikfile's own files take the place of collected ones. Error: duplicate-path where one has a
// folder and the other none.
Result<std::vector<CollectedFile>> merge_files(std::vector<CollectedFile> own,
                                               std::vector<CollectedFile> printed);

} // namespace unik::toolchain
