#include <machine/crash_report.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <support/quantity.hpp>

#include <machine/symbols.hpp>

namespace unik::machine {
namespace {

using nlohmann::json;

constexpr std::size_t k_most_frames = 64;
constexpr std::size_t k_longest_text = 1000;

std::string text(const json& event, const char* key) {
    const auto member = event.find(key);
    if (member == event.end() || !member->is_string())
        return {};
    return member->get_ref<const std::string&>().substr(0, k_longest_text);
}

std::int64_t number(const json& event, const char* key) {
    const auto member = event.find(key);
    return member != event.end() && member->is_number_integer() ? member->get<std::int64_t>() : 0;
}

std::optional<std::uint64_t> parse_address(const json& value) {
    if (value.is_number_unsigned())
        return value.get<std::uint64_t>();
    if (!value.is_string())
        return std::nullopt;
    std::string_view digits = value.get_ref<const std::string&>();
    if (digits.starts_with("0x"))
        digits.remove_prefix(2);
    std::uint64_t address = 0;
    const auto [end, status] =
        std::from_chars(digits.data(), digits.data() + digits.size(), address, 16);
    if (status != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return address;
}

std::optional<std::uint64_t> address(const json& event, const char* key) {
    const auto member = event.find(key);
    return member == event.end() ? std::nullopt : parse_address(*member);
}

std::vector<std::uint64_t> backtrace_of(const json& event) {
    std::vector<std::uint64_t> frames;
    const auto member = event.find("backtrace");
    if (member == event.end() || !member->is_array())
        return frames;
    for (const json& frame : *member) {
        const auto parsed = parse_address(frame);
        if (!parsed || frames.size() == k_most_frames)
            break;
        frames.push_back(*parsed);
    }
    return frames;
}

// "write to 0x0", from the event's "access" and "address".
std::string access_of(const json& event) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> k_words{
        {{"read", "a read of"}, {"write", "a write to"}, {"execute", "a jump to"}}};
    const auto where = address(event, "address");
    if (!where)
        return {};
    const std::string access = text(event, "access");
    for (const auto& [name, words] : k_words) {
        if (name == access)
            return fmt::format("{} {:#x}", words, *where);
    }
    return fmt::format("address {:#x}", *where);
}

std::string signal_headline(const json& event) {
    std::string name = text(event, "name");
    if (name.empty())
        name = fmt::format("signal {}", number(event, "signal"));
    std::string out = fmt::format("the program was ended by {}", name);
    if (const std::string code = text(event, "code"); !code.empty())
        out += fmt::format(" ({})", code);
    if (const std::string access = access_of(event); !access.empty())
        out += fmt::format(": {}", access);
    if (const std::string thread = text(event, "thread"); !thread.empty())
        out += fmt::format(", in the thread '{}'", thread);
    return out;
}

constexpr std::uint64_t k_page = 4096;
constexpr std::uint64_t k_most_pages = std::uint64_t{1} << 40;
constexpr std::size_t k_longest_user = 100;

std::string memory_headline(const json& event) {
    const auto pages = [&](const char* key) {
        return to_text(Bytes{static_cast<std::uint64_t>(std::clamp<std::int64_t>(
                                 number(event, key), 0, static_cast<std::int64_t>(k_most_pages))) *
                             k_page});
    };
    std::string out = "the guest ran out of memory";
    if (event.contains("resident_pages"))
        out += fmt::format(": the program holds {} of the machine's {}", pages("resident_pages"),
                           pages("total_pages"));
    return out;
}

// The largest first, as the guest has them: names with numbers of pages.
std::string users_text(const json& event) {
    constexpr std::size_t k_most = 16;
    const auto users = event.find("users");
    if (users == event.end() || !users->is_object())
        return {};
    std::vector<std::pair<std::uint64_t, std::string>> sorted;
    for (const auto& [name, value] : users->items())
        if (const auto pages = parse_address(value); pages && *pages <= k_most_pages)
            sorted.emplace_back(*pages, name.substr(0, k_longest_user));
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    sorted.resize(std::min(sorted.size(), k_most));
    std::string out = sorted.empty() ? "" : "  memory is held by:\n";
    for (const auto& [pages, name] : sorted)
        out += fmt::format("    {:>10}  {}\n", to_text(Bytes{pages * k_page}), name);
    return out;
}

struct Kind {
    std::string_view event;
    std::string (*headline)(const json& event);
    std::string_view hint; // when the guest gives none
};

constexpr std::array<Kind, 3> k_kinds{{
    {"signal", &signal_headline, ""},
    {"out-of-memory", &memory_headline,
     "give it more: --memory, or 'resources: {memory: …}' in the Unikfile"},
    {"panic",
     [](const json& event) { return "the library OS panicked: " + text(event, "message"); },
     "this is a fault of the library OS, not of your program; please report it"},
}};

// Backtraces hold return addresses, which belong to the call before them; the first is where the
// fault was.
std::string frames_text(const json& event, const std::filesystem::path& debug) {
    const std::vector<std::uint64_t> frames = backtrace_of(event);
    if (frames.empty())
        return {};
    auto loaded = Symbols::load(debug);
    const Symbols symbols = loaded.ok() ? std::move(loaded).value() : Symbols();
    const std::uint64_t base = address(event, "program_base").value_or(0);
    std::vector<std::uint64_t> calls = frames;
    std::for_each(calls.begin() + 1, calls.end(), [](std::uint64_t& a) { a -= a > 0 ? 1 : 0; });
    const std::vector<std::string> lines = source_lines(debug, calls);
    std::string out = "  backtrace:\n";
    for (std::size_t i = 0; i < frames.size(); ++i)
        out +=
            fmt::format("    #{:<2} {:#018x}  {}{}{}\n", i, frames[i],
                        symbols.describe(frames[i], base), lines[i].empty() ? "" : "  ", lines[i]);
    return out;
}

// In the order in which people look for them; others behind.
std::string registers_text(const json& event) {
    constexpr std::array<std::string_view, 18> k_order{"rip", "rsp", "rflags", "rax", "rbx", "rcx",
                                                       "rdx", "rsi", "rdi",    "rbp", "r8",  "r9",
                                                       "r10", "r11", "r12",    "r13", "r14", "r15"};
    constexpr std::size_t k_per_line = 3;
    const auto registers = event.find("registers");
    if (registers == event.end() || !registers->is_object())
        return {};
    std::string out = "  registers:\n";
    std::size_t shown = 0;
    for (const std::string_view name : k_order) {
        const auto value = registers->find(std::string(name));
        const auto parsed = value == registers->end() ? std::nullopt : parse_address(*value);
        if (!parsed)
            continue;
        out +=
            fmt::format("{}{:<6} {:#018x}", shown % k_per_line == 0 ? "    " : "  ", name, *parsed);
        if (++shown % k_per_line == 0)
            out += '\n';
    }
    if (shown == 0)
        return {};
    return shown % k_per_line == 0 ? out : out + '\n';
}

} // namespace

std::string crash_report(const json& event, const std::filesystem::path& debug) {
    const std::string name = text(event, "event");
    const auto kind = std::find_if(k_kinds.begin(), k_kinds.end(),
                                   [&](const Kind& known) { return known.event == name; });
    if (kind == k_kinds.end())
        return {};
    std::string out = fmt::format("{}\n", kind->headline(event));
    std::string hint = text(event, "hint");
    if (hint.empty())
        hint = kind->hint;
    out += frames_text(event, debug);
    out += registers_text(event);
    out += users_text(event);
    if (!hint.empty())
        out += fmt::format("  hint: {}\n", hint);
    return out;
}

} // namespace unik::machine
