// The library OS's components as data, and which of them an image gets.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <analysis/needs.hpp>
#include <manifests/catalogue.hpp>
#include <support/result.hpp>
#include <unikfile/manifest.hpp>

namespace unik::components {

enum class Layer { platform, kernel, drivers, services, abi, extras };

// One component.yaml.
struct Component {
    std::string name;
    std::string summary;
    Layer layer = Layer::platform;
    std::vector<std::string> dependencies;          // `requires`
    std::vector<std::string> provides;              // abstract names: "netdev", "console"
    std::map<std::string, std::string> drivers;     // match → C++ function
    std::map<std::string, std::string> syscalls;    // name → C++ function
    std::map<std::string, std::string> filesystems; // mount point → C++ function
    std::string start;                              // C++ function, may be empty
    ByteSpan object;                                // its pre-linked relocatable object
};

// Every component that is embedded in unik, by name.
Result<std::map<std::string, Component>> load_components();

struct Selected {
    const Component* component = nullptr;
    std::vector<std::string> reasons; // "system call 'read'", "required by 'lwip'", "target 'qemu'"
};

struct Selection {
    std::vector<Selected> components;            // in start order: each after all that it requires
    std::map<std::string, std::string> syscalls; // linked: name → component
    std::vector<std::string> unlinked_syscalls;  // needed by the program, provided by nobody
};

// Errors: unknown-component (with a suggestion), removal-breaks (with the chain).
Result<Selection> select(const std::map<std::string, Component>& all, const analysis::Needs& needs,
                         const unikfile::Manifest& manifest,
                         const std::vector<const manifests::Target*>& targets,
                         const manifests::Language& language);

} // namespace unik::components
