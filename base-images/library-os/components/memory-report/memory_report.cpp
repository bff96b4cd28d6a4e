// What is said when a page cannot be had: who holds the memory.
#include <console/console.hpp>
#include <control/control.hpp>
#include <foundation/types.hpp>
#include <memory/report.hpp>

namespace os::memory_report {

namespace {

constexpr std::size_t k_most = 8;
constexpr std::uint64_t k_pages_per_mib = (1U << 20) / k_page_size;

void add_users(control::Event& event) {
    control::NamedValue users[k_most] = {};
    const std::size_t count = memory::largest_users(Span<control::NamedValue>(users));
    event.hex_object("users", Span<const control::NamedValue>(users, count));
    for (std::size_t i = 0; i < count && !control::has_channel(); ++i)
        console::log("  %6lu.%lu MiB  %s", users[i].value / k_pages_per_mib,
                     users[i].value % k_pages_per_mib * 10 / k_pages_per_mib, users[i].name);
}

} // namespace

Result<void> start() {
    memory::set_report(&add_users);
    return {};
}

} // namespace os::memory_report
