#include <algorithm>
#include <set>

#include <analysis/analysis.hpp>
#include <analysis/syscall_sites.hpp>
#include <elf/layout.hpp>
#include <fmt/format.h>

namespace unik::analysis {
namespace {

constexpr std::string_view k_network_calls[] = {"socket"};
constexpr std::string_view k_thread_calls[] = {"clone", "clone3"};

std::string name_of(std::uint32_t number) {
    const std::string_view name = syscall_name(number);
    return name.empty() ? fmt::format("syscall_{}", number) : std::string(name);
}

std::string place_of(const Functions& functions, std::uint64_t address) {
    const std::size_t function = functions.around(address);
    if (function < functions.all().size() && !functions.all()[function].name.empty())
        return fmt::format("in function '{}'", functions.all()[function].name);
    return fmt::format("at {:#x}", address);
}

std::string profile_reason(const Needs& needs, const manifests::Language& language) {
    return fmt::format("language profile '{}'{}", language.name,
                       needs.dynamic ? ", since the program is dynamically linked" : "");
}

// The profile's calls that were not found; a name that Linux does not have is the profile's error.
Result<void> add_profile(Needs& needs, const manifests::Language& language) {
    for (const std::string& name : language.syscalls) {
        const int number = syscall_number(name);
        if (number < 0)
            return make_error("unknown-syscall",
                              fmt::format("the language '{}' lists the system call '{}', which "
                                          "Linux x86-64 does not have",
                                          language.name, name),
                              "correct 'syscalls' in the language's manifest");
        const auto same = [&](const SyscallNeed& need) {
            return need.number == static_cast<std::uint32_t>(number);
        };
        std::erase_if(needs.syscalls,
                      [&](const SyscallNeed& need) { return need.never_made && same(need); });
        if (std::none_of(needs.syscalls.begin(), needs.syscalls.end(), same))
            needs.syscalls.push_back(
                {static_cast<std::uint32_t>(number), name, profile_reason(needs, language), true});
    }
    needs.profile_used = true;
    return {};
}

// What stands in the code of a static program.
void add_found(Needs& needs, const elf::ElfFile& executable) {
    const Functions functions = Functions::find(executable);
    SyscallSites sites = find_syscalls(functions);
    for (const auto& [number, address] : sites.found)
        needs.syscalls.push_back({number, name_of(number), place_of(functions, address)});
    for (const auto& [number, address] : sites.never_made)
        if (!sites.found.contains(number))
            needs.syscalls.push_back(
                {.number = number,
                 .name = name_of(number),
                 .reason = place_of(functions, address) + ", for set-user-id programs only",
                 .never_made = true});
    needs.unknown = std::move(sites.unknown);
}

bool needs_any(const Needs& needs, std::span<const std::string_view> names) {
    return std::any_of(needs.syscalls.begin(), needs.syscalls.end(), [&](const SyscallNeed& need) {
        return std::find(names.begin(), names.end(), need.name) != names.end();
    });
}

Bytes loaded_size(const elf::ElfFile& file) {
    constexpr std::uint64_t k_page = 4096;
    Bytes size;
    for (const elf::Segment& segment : file.segments())
        if (segment.type == elf::k_segment_load)
            size.value +=
                (segment.address % k_page + segment.memory_size + k_page - 1) / k_page * k_page;
    return size;
}

} // namespace

Result<Needs> analyse(const elf::ElfFile& executable, const manifests::Language& language) {
    Needs needs;
    needs.dynamic = executable.has_interpreter();
    if (!needs.dynamic)
        add_found(needs, executable);
    if (needs.dynamic || !needs.unknown.empty())
        UNIK_TRY(add_profile(needs, language));
    std::sort(needs.syscalls.begin(), needs.syscalls.end(),
              [](const SyscallNeed& a, const SyscallNeed& b) { return a.number < b.number; });
    needs.network = needs_any(needs, k_network_calls);
    needs.threads = needs_any(needs, k_thread_calls);
    needs.position_independent = executable.type() == elf::FileType::shared;
    needs.loaded_size = loaded_size(executable);
    return needs;
}

} // namespace unik::analysis
