#include <algorithm>
#include <iterator>

#include <analysis/needs.hpp>
#include <analysis/syscall_table.hpp>

namespace unik::analysis {

static_assert(std::is_sorted(std::begin(k_syscall_names), std::end(k_syscall_names),
                             [](const SyscallName& a, const SyscallName& b) {
                                 return a.number < b.number;
                             }));

std::string_view syscall_name(std::uint32_t number) {
    const auto* found = std::lower_bound(
        std::begin(k_syscall_names), std::end(k_syscall_names), number,
        [](const SyscallName& entry, std::uint32_t n) { return entry.number < n; });
    return found != std::end(k_syscall_names) && found->number == number ? found->name
                                                                         : std::string_view();
}

int syscall_number(std::string_view name) {
    const auto* found = std::find_if(std::begin(k_syscall_names), std::end(k_syscall_names),
                                     [&](const SyscallName& entry) { return entry.name == name; });
    return found == std::end(k_syscall_names) ? -1 : static_cast<int>(found->number);
}

} // namespace unik::analysis
