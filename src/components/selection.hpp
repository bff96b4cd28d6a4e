// The library OS's components as data, and which of them an image gets.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <analysis/needs.hpp>
#include <manifests/catalogue.hpp>
#include <support/result.hpp>
#include <unikfile/manifest.hpp>
#include <vocabulary/root_layout.hpp>

namespace unik::components {

enum class Layer { platform, kernel, drivers, services, abi, extras };

// One component.yaml.
struct Component {
    std::string name;
    std::string summary;
    Layer layer = Layer::platform;
    std::vector<std::string> dependencies;          // `requires`
    std::vector<std::string> provides;              // abstract names: "netdev", "console"
    std::vector<std::string> wants;                 // abstract names, see select()
    std::map<std::string, std::string> drivers;     // match → C++ function
    std::map<std::string, std::string> syscalls;    // name → C++ function
    std::map<std::string, std::string> filesystems; // mount point → C++ function
    std::string start;                              // C++ function, may be empty
    bool boot_record = false; // its object is a flat binary for the disk, not a part of the kernel
    std::string sources_from; // where its sources come from when not from its folder; for people
    ByteSpan object;          // its pre-linked relocatable object
};

// Every component that is embedded in unik, by name.
Result<std::map<std::string, Component>> load_components();
// The same from given files: components/NAME/component.yaml and components/NAME/object.o.
Result<std::map<std::string, Component>>
load_components(std::span<const manifests::EmbeddedFile> files);

struct Selected {
    const Component* component = nullptr;
    std::vector<std::string> reasons; // "system call 'read'", "required by 'lwip'", "target 'qemu'"
};

struct Selection {
    std::vector<Selected> components;             // in start order: each after all that it requires
    std::map<std::string, std::string> syscalls;  // linked: name → component
    std::map<std::string, std::string> providers; // all that could be: name → component
    std::vector<std::string> unlinked_syscalls;   // needed by the program, but not linked
};

// The roots are the components `kernel` and `linux-process`, `fused-program` (for a dynamic program
// `elf-loader`), the targets' front doors and consoles, the providers of the program's system
// calls, the exceptions that it is allowed, the language's components and those that the Unikfile
// adds; each brings what it requires. A wanted abstract name brings every component that provides
// it, drivers only where one of the targets has the device; of the providers of "root-filesystem"
// the one for where the root lies. Of a component that the Unikfile or the language names, all
// system calls are linked; of the others those that the program needs.
//
// The Unikfile may remove what only the language or its profile asks for, and all but the last
// provider of a wanted name. Errors: unknown-component (with a suggestion), removal-breaks (with
// the chain of reasons, the root first).
Result<Selection> select(const std::map<std::string, Component>& all, const analysis::Needs& needs,
                         const unikfile::Manifest& manifest,
                         const std::vector<const manifests::Target*>& targets,
                         const manifests::Language& language,
                         vocabulary::RootPlace root = vocabulary::RootPlace::none);

} // namespace unik::components
