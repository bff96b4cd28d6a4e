// From addresses in a crash to functions and source lines, by kernel.debug. It holds the kernel's
// symbols and the program's; those of a position-independent program are prefixed "pie:" and count
// from the program's base, which the guest reports.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <elf/elf_file.hpp>
#include <support/result.hpp>

namespace unik::machine {

class Symbols {
public:
    static Result<Symbols> load(const std::filesystem::path& debug);
    explicit Symbols(const std::vector<elf::Symbol>& symbols);
    Symbols() = default; // knows nothing

    // "main+0x12 (program)", "os::memory::map+0x4 (kernel)", "?? (program)".
    std::string describe(std::uint64_t address, std::uint64_t program_base) const;

private:
    struct Function {
        std::uint64_t address = 0;
        std::uint64_t size = 0;
        std::string name;
    };
    using Functions = std::vector<Function>; // sorted by address
    static const Function* find(const Functions& functions, std::uint64_t address);

    Functions fixed_;    // the kernel, and a program with fixed addresses
    Functions relative_; // a position-independent program
};

// True for addresses of the kernel: the upper half.
bool is_kernel_address(std::uint64_t address);

// "file.c:12" for each address, empty where unknown; all empty without addr2line on this host.
std::vector<std::string> source_lines(const std::filesystem::path& debug,
                                      const std::vector<std::uint64_t>& addresses);

} // namespace unik::machine
