// The manifests that are part of unik: languages, hardware, targets and components. They are
// embedded in the executable; a folder given with --manifests or $UNIK_MANIFESTS overlays them by
// file name.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <support/file.hpp>
#include <support/quantity.hpp>
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
//     UNIK_ENTRY   the Unikfile's build.output; empty: the recipe decides what is run
//     UNIK_PORT    the first port of 'expose', else 8080
//     UNIK_RUNTIME the interpreter or virtual machine, without symbolic links
//     UNIK_RUNTIME_ROOT  the folder above its bin/
//     UNIK_OWN_COMMAND  "yes" when the Unikfile's build.command was run instead of the recipe's
// A recipe may write into UNIK_OUT
//     inputs       the files that its tools read, a path a line (src/toolchain/README.md)
//     arguments    what the program is started with before the Unikfile's args, one a line
struct BuildRecipe {
    std::string name;                  // "make", "cmake", "sources"
    std::vector<std::string> detect;   // glob patterns in the project's folder; all must match
    std::vector<std::string> tools;    // needed beyond those of the language
    std::vector<std::string> packages; // Debian packages that bring them
    std::string command;               // empty: nothing is run, the executable is there already
    // Where the executable is then, ${UNIK_…} expanded; empty: found by search. Outside of the
    // project it must be the runtime, or lie in UNIK_OUT.
    std::string output;
    // The Unikfile's build.output names what is built or run (UNIK_ENTRY), not what was made.
    bool takes_entry = false;
    std::string directory;         // where the program starts in the image; empty: "/"
    std::string entrypoint;        // its path in the image; empty: /bin/NAME, a runtime its own
    std::vector<std::string> args; // before the Unikfile's; ${UNIK_…} expanded
    std::map<std::string, std::string> image_environment; // unless the Unikfile says otherwise
    std::string collect;                                  // as Language::collect, after it
};

// What runs the programs of a language, or compiles them: found on the host, or what the Unikfile's
// build.runtime names.
struct Runtime {
    std::string program; // a name in $PATH; empty: the language has none
    std::string version; // run by `sh -c`: prints its version, one line
    std::string locate;  // the same, its executable: what $PATH has may be a script that starts it
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
    Runtime runtime;
    bool interpreted = false; // the runtime goes into the image and is the program there
    // Run by `sh -c` after the build; prints what goes into the image, a file or folder a line:
    //     HOST_PATH<TAB>IMAGE_PATH       the second left out: the same path
    std::string collect;
    // Shared libraries that are opened by name; `?` behind a name: only where it is there.
    std::vector<std::string> libraries;
    std::vector<std::string> allow;      // exceptions that its runtime needs: "jit"
    std::string syscalls_of;             // the language whose system calls it has, too
    std::vector<std::string> syscalls;   // what its runtime may call where the analysis cannot tell
    std::vector<std::string> components; // needed beyond what the analysis finds
    std::string unikfile_hint;           // lines for `unik init`
};

// A piece of hardware that a hypervisor can have, and how QEMU has it.
struct Hardware {
    enum class Kind { machine, firmware, bus, disk, network, random, console, power };
    std::string name;
    std::string summary;
    Kind kind = Kind::machine;
    // Its drivers; of a firmware, the doors that it comes in through.
    std::vector<std::string> components;
    std::string bus; // a machine's own: "pci", "mmio"
    // By which a machine can be started, and which start from a disk (empty: all of them).
    std::vector<std::string> firmware;
    bool talks = false; // firmware that writes to the serial ports, too
    // QEMU's arguments by machine, by bus, or for "any"; the first of these that is there counts.
    // ${KERNEL} is the bundle's kernel, other names are those of `files`.
    std::map<std::string, std::vector<std::string>> qemu;
    // Files of the host that it needs, by the names that `qemu` gives them: alternatives, of which
    // the first one that is there is taken.
    std::vector<std::map<std::string, std::string>> files;
    std::vector<std::string> packages; // Debian packages that bring the files
};

// One whole machine: names of hardware.
struct Combination {
    std::string firmware;
    std::string machine;
    std::string disk;
    std::string network; // empty: none
    auto operator<=>(const Combination&) const = default;
};

// A hypervisor. Of each list the first is taken unless told otherwise.
struct Target {
    std::string name;
    std::string summary;
    std::string architecture;                     // "x86_64"
    std::vector<std::string> images;              // containers of the disk: "qcow2", "raw"
    std::vector<std::string> firmware;            // hardware: "direct", "bios", "uefi"
    std::vector<std::string> machines;            // hardware: QEMU's machines that come nearest
    std::vector<std::string> disks;               // hardware: controllers
    std::vector<std::string> networks;            // hardware: cards; empty: none that unik drives
    std::vector<std::string> hardware;            // what else it has
    std::string program;                          // what runs it here; empty: QEMU stands in for it
    std::vector<std::string> packages;            // Debian packages that bring the program
    std::map<std::string, std::string> appliance; // how an OVA names its hardware
    Bytes least_memory;
    std::optional<Bytes> most_memory;
    std::optional<unsigned> most_cpus;
    std::vector<std::string> not_yet; // what it has and unik does not drive, for people
    std::vector<Combination> tested;  // booted by tests/e2e/matrix_test.py
    // Worked out from the lists of hardware.
    std::vector<std::string> needed;  // components of its firmware and consoles
    std::vector<std::string> drivers; // components, linked when something wants them
};

// What `unik build --target` names: "virtualbox", "virtualbox:ova".
struct TargetImage {
    const Target* target = nullptr;
    std::string format;
    bool operator==(const TargetImage&) const = default;
};

class Catalogue {
public:
    // overlay empty: only what is embedded. An unreadable or wrong file is an Error with its place.
    static Result<Catalogue> load(const std::filesystem::path& overlay);

    const std::map<std::string, Language>& languages() const { return languages_; }
    const std::map<std::string, Hardware>& hardware() const { return hardware_; }
    // Every name in them is one of hardware() and of the right kind.
    const std::map<std::string, Target>& targets() const { return targets_; }
    // An Error with "did you mean" for a name that does not exist.
    Result<const Language*> language(std::string_view name) const;
    Result<const Target*> target(std::string_view name) const;
    // NAME or NAME:FORMAT; unknown-image for a format that the target does not take.
    Result<TargetImage> target_image(std::string_view name) const;

private:
    std::map<std::string, Language> languages_;
    std::map<std::string, Hardware> hardware_;
    std::map<std::string, Target> targets_;
};

} // namespace unik::manifests
