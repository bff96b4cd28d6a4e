// The Unikfile as a value: parsed, validated, defaults filled in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <support/diagnostic.hpp>
#include <support/quantity.hpp>

namespace unik::unikfile {

enum class Protocol { tcp, udp };

struct Port {
    std::uint16_t number = 0;
    Protocol protocol = Protocol::tcp;
    auto operator<=>(const Port&) const = default;
};

struct BuildStep {
    std::string command; // run by `sh -c` in the project's folder; empty: the recipe decides
    // The executable, relative to the project's folder; in languages with an interpreter, what that
    // runs. May be empty.
    std::string output;
    // An executable, or the folder whose bin/ holds it, instead of the host's runtime; absolute or
    // relative to the project's folder. Empty: the one in $PATH.
    std::string runtime;
    std::map<std::string, std::string> environment;
};

struct FileEntry {
    std::string from;             // relative to the project's folder; a file or a folder
    std::string to;               // absolute path in the image
    std::optional<unsigned> mode; // permission bits; unset: the source's own
    SourceSpan where{};           // of 'from'
};

// Where the root file system lies. automatic: its size decides.
enum class RootForm { automatic, embedded, disk };

struct Resources {
    Bytes memory{128ULL << 20};
    unsigned cpus = 1;
    Bytes esp; // of the disk; 0: as small as the kernel allows
};

// Secrets by where they are: a path (relative to the project's folder) or "env:NAME". Empty: none.
struct SecureBoot {
    std::string key;
    std::string certificate;
};

struct Signing {
    std::string key;
    SecureBoot secure_boot;
};

// A name in the Unikfile that later stages know or do not know.
struct Reference {
    enum class Kind { language, target, component };
    Kind kind = Kind::language;
    std::string name;
    SourceSpan where;
};

struct Manifest {
    std::filesystem::path directory; // the project's folder, absolute
    std::filesystem::path file;      // the Unikfile itself
    std::string name;
    std::string version;
    std::string base = "library-os";
    std::string language; // empty: detect
    BuildStep build;
    std::string entrypoint;              // path in the image; empty: /bin/NAME
    std::string directory_in_image;      // where the program starts; empty: "/"
    std::vector<std::string> fixed_args; // before args, by the language: an interpreter's script
    std::vector<std::string> args;       // without argv[0]
    std::vector<std::pair<std::string, std::string>> environment; // in source order
    std::vector<FileEntry> files;
    RootForm root = RootForm::automatic;
    std::map<std::string, Bytes> tmpfs; // path in the image → most that it may hold
    std::vector<Port> expose;
    std::vector<std::string> components_added;
    std::vector<std::string> components_removed;
    std::vector<std::string> allow; // exceptions from the rules for every program: "jit"
    Resources resources;
    Signing sign;
    std::vector<std::string> targets{"qemu"};
    std::map<std::string, std::string> labels;
    std::vector<Reference> references; // in source order
};

} // namespace unik::unikfile
