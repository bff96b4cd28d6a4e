#include <machine/symbols.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>

#include <cxxabi.h>
#include <fmt/format.h>
#include <support/file.hpp>
#include <support/process.hpp>

namespace unik::machine {
namespace {

constexpr Bytes k_largest_debug{2ULL << 30};
constexpr std::string_view k_relative_prefix = "pie:";
constexpr std::uint8_t k_function = 2;   // STT_FUNC
constexpr std::uint8_t k_no_type = 0;    // assembly
constexpr std::uint16_t k_undefined = 0; // SHN_UNDEF
constexpr std::uint64_t k_reach_without_size = 4096;
constexpr std::size_t k_longest_name = 200;

// Names come from a file: bounded, and without what a terminal would obey.
std::string shown(const std::string& name) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> demangled(
        name.size() > 4096 ? nullptr : abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
        &std::free);
    std::string out = demangled != nullptr && status == 0 ? demangled.get() : name;
    if (out.size() > k_longest_name)
        out = out.substr(0, k_longest_name) + "…";
    for (char& c : out) {
        if ((c >= 0 && c < ' ') || c == 0x7f)
            c = '?';
    }
    return out;
}

} // namespace

bool is_kernel_address(std::uint64_t address) {
    return address >> 63 != 0;
}

Result<Symbols> Symbols::load(const std::filesystem::path& debug) {
    const elf::ElfFile file =
        UNIK_TRY(elf::ElfFile::parse(UNIK_TRY(read_file(debug, k_largest_debug)), debug.string()));
    return Symbols(file.symbols());
}

Symbols::Symbols(const std::vector<elf::Symbol>& symbols) {
    for (const elf::Symbol& symbol : symbols) {
        if ((symbol.type != k_function && symbol.type != k_no_type) || symbol.name.empty() ||
            symbol.section == k_undefined)
            continue;
        const bool relative = symbol.name.starts_with(k_relative_prefix);
        const std::size_t skip = relative ? k_relative_prefix.size() : 0;
        (relative ? relative_ : fixed_)
            .push_back({symbol.address, symbol.size, symbol.name.substr(skip)});
    }
    // Among equals the one with a size comes last, and is found.
    const auto before = [](const Function& a, const Function& b) {
        return std::tie(a.address, a.size) < std::tie(b.address, b.size);
    };
    std::stable_sort(fixed_.begin(), fixed_.end(), before);
    std::stable_sort(relative_.begin(), relative_.end(), before);
}

const Symbols::Function* Symbols::find(const Functions& functions, std::uint64_t address) {
    const auto next = std::upper_bound(
        functions.begin(), functions.end(), address,
        [](std::uint64_t wanted, const Function& function) { return wanted < function.address; });
    if (next == functions.begin())
        return nullptr;
    const Function& function = *std::prev(next);
    const std::uint64_t reach = function.size > 0 ? function.size : k_reach_without_size;
    return address - function.address <= reach ? &function : nullptr;
}

std::string Symbols::describe(std::uint64_t address, std::uint64_t program_base) const {
    const bool kernel = is_kernel_address(address);
    const Function* function = find(fixed_, address);
    std::uint64_t offset = address;
    if (function == nullptr && !kernel && address >= program_base) {
        offset = address - program_base;
        function = find(relative_, offset);
    }
    const char* where = kernel ? "kernel" : "program";
    if (function == nullptr)
        return fmt::format("?? ({})", where);
    return fmt::format("{}+{:#x} ({})", shown(function->name), offset - function->address, where);
}

std::vector<std::string> source_lines(const std::filesystem::path& debug,
                                      const std::vector<std::uint64_t>& addresses) {
    std::vector<std::string> lines(addresses.size());
    if (addresses.empty() || !find_program("addr2line"))
        return lines;
    Command command;
    command.arguments = {"addr2line", "-s", "-e", debug.string()};
    for (const std::uint64_t address : addresses)
        command.arguments.push_back(fmt::format("{:#x}", address));
    const auto completed = unik::run(command);
    if (!completed.ok() || completed->exit_status != 0)
        return lines;
    std::istringstream output(completed->output);
    std::size_t index = 0;
    for (std::string line; index < lines.size() && std::getline(output, line); ++index) {
        if (!line.starts_with('?') && !line.ends_with('?') && !line.ends_with(":0"))
            lines[index] = shown(line);
    }
    return lines;
}

} // namespace unik::machine
