// The manifests that are part of unik: languages, targets and components. They are embedded in
// the executable; a folder given with --manifests or $UNIK_MANIFESTS overlays them by file name.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::manifests {

// A file in the executable; the bytes live as long as the process.
struct EmbeddedFile {
    std::string_view path; // "languages/c.yaml", "components/memory/component.yaml"
    ByteSpan bytes;
};

// Sorted by path.
std::span<const EmbeddedFile> embedded_files();
const EmbeddedFile* find_embedded(std::string_view path);

// How a language is built. The first recipe whose `detect` matches is taken. Commands are run by
// `sh -c` in the project's folder and see, beside the language's environment,
//     UNIK_SOURCE  the project's folder
//     UNIK_OUT     a folder outside the project for what is built; kept between builds
//     UNIK_TOOLS   a folder outside the project for what `prepare` writes
//     UNIK_NAME    the image's name
//     UNIK_JOBS    how many processes may run at once
struct BuildRecipe {
    std::string name;                  // "make", "cmake", "sources"
    std::vector<std::string> detect;   // glob patterns in the project's folder; all must match
    std::vector<std::string> tools;    // needed beyond those of the language
    std::vector<std::string> packages; // Debian packages that bring them
    std::string command;               // empty: nothing is run, the executable is there already
    std::string output; // where the executable is then, ${UNIK_…} expanded; empty: found by search
};

struct Language {
    std::string name;
    std::string summary;
    // Glob patterns; any one makes the language likely. "elf:PATTERN" matches ELF executables only.
    std::vector<std::string> detect;
    int priority = 0;                               // among detected languages the highest wins
    std::vector<std::string> tools;                 // programs that must be on the host
    std::vector<std::string> packages;              // Debian packages that bring them
    std::map<std::string, std::string> environment; // for the build; ${UNIK_…} expanded
    std::string prepare; // run by `sh -c` before the recipe, or before the Unikfile's own command
    std::vector<BuildRecipe> recipes;
    std::vector<std::string> syscalls;   // what its runtime may call where the analysis cannot tell
    std::vector<std::string> components; // needed beyond what the analysis finds
    std::string unikfile_hint;           // lines for `unik init`
};

// A hypervisor.
struct Target {
    std::string name;
    std::string summary;
    std::string architecture;         // "x86_64"
    std::vector<std::string> boot;    // front doors, components: "boot-pvh", "boot-bios"
    std::vector<std::string> devices; // components that drive its devices
    std::string disk_format;          // "raw", "qcow2"
    std::string disk_extension;       // "qcow2"
    std::map<std::string, std::vector<std::string>> machines; // QEMU arguments by boot way
    std::vector<std::string> packages;                        // Debian packages that run it
};

class Catalogue {
public:
    // overlay empty: only what is embedded. An unreadable or wrong file is an Error with its place.
    static Result<Catalogue> load(const std::filesystem::path& overlay);

    const std::map<std::string, Language>& languages() const { return languages_; }
    const std::map<std::string, Target>& targets() const { return targets_; }
    // An Error with "did you mean" for a name that does not exist.
    Result<const Language*> language(std::string_view name) const;
    Result<const Target*> target(std::string_view name) const;

private:
    std::map<std::string, Language> languages_;
    std::map<std::string, Target> targets_;
};

} // namespace unik::manifests
