// unik doctor: which of the tools that builds and runs need are there.
#include <cli/commands.hpp>

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <cli/session.hpp>
#include <cli/terminal.hpp>
#include <machine/boot_files.hpp>
#include <support/process.hpp>

namespace unik::cli {
namespace {

// Who has to have a tool: everybody, or whoever uses the language or the hypervisor that it is for.
enum class Need { everybody, some };

struct Check {
    std::string tool;
    std::string purpose;
    std::string package; // Debian; empty: it has none
    std::string found;   // path; empty: missing
    Need need = Need::everybody;
};

Check check(std::string tool, std::string purpose, std::string package,
            Need need = Need::everybody) {
    Check result{std::move(tool), std::move(purpose), std::move(package), {}, need};
    if (const auto path = find_program(result.tool))
        result.found = path->string();
    return result;
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

Check check_files(const manifests::Hardware& piece) {
    Check result{fmt::format("firmware {}", piece.name),
                 fmt::format("running by {}", piece.name),
                 joined(piece.packages),
                 {},
                 Need::everybody};
    if (machine::check_files(piece).ok())
        result.found = machine::files_of(piece).begin()->second;
    return result;
}

// What it is built with, and its runtime, which the Unikfile may name instead.
std::vector<std::string> programs_of(const manifests::Language& language) {
    std::vector<std::string> out = language.tools;
    const std::string& runtime = language.runtime.program;
    if (!runtime.empty() && std::find(out.begin(), out.end(), runtime) == out.end())
        out.push_back(runtime);
    return out;
}

std::vector<Check> checks(const manifests::Catalogue& catalogue) {
    std::vector<Check> list;
    Check linker = check("ld.lld", "linking kernels", "binutils");
    if (linker.found.empty())
        linker = check("ld", "linking kernels", "binutils");
    list.push_back(std::move(linker));
    for (const auto& [name, target] : catalogue.targets())
        if (!target.program.empty())
            list.push_back(check(target.program, fmt::format("running target '{}'", name),
                                 joined(target.packages),
                                 target.packages.empty() ? Need::some : Need::everybody));
    for (const auto& [name, piece] : catalogue.hardware())
        if (!piece.files.empty())
            list.push_back(check_files(piece));
    for (const auto& [name, language] : catalogue.languages())
        for (const std::string& tool : programs_of(language))
            list.push_back(check(tool, fmt::format("building '{}'", name),
                                 joined(language.packages), Need::some));
    return list;
}

// As unik run decides it: /dev/kvm opens, and the CPU can run guests in hardware.
std::string acceleration() {
    const int descriptor = ::open("/dev/kvm", O_RDWR | O_CLOEXEC);
    const bool opens = descriptor >= 0;
    if (opens)
        ::close(descriptor);
    std::ifstream cpus("/proc/cpuinfo");
    std::string line;
    bool hardware = false;
    while (!hardware && std::getline(cpus, line))
        if (line.starts_with("flags"))
            hardware =
                line.find(" vmx") != std::string::npos || line.find(" svm") != std::string::npos;
    if (opens && hardware)
        return "kvm";
    return opens ? "tcg (/dev/kvm opens, but the CPU shows neither vmx nor svm)"
                 : "tcg (/dev/kvm cannot be opened)";
}

std::string install_command(const std::vector<Check>& list) {
    std::set<std::string> packages;
    for (const Check& entry : list)
        if (entry.found.empty() && entry.need == Need::everybody && !entry.package.empty())
            packages.insert(entry.package);
    return packages.empty() ? std::string()
                            : fmt::format("apt-get install {}", fmt::join(packages, " "));
}

std::string line(const Check& entry) {
    const std::string_view state = entry.need == Need::some ? "absent" : "MISSING";
    const std::string where =
        entry.package.empty() ? "no Debian package" : "package " + entry.package;
    return fmt::format("{:<8} {:<20} {:<24} {}\n", entry.found.empty() ? state : "ok", entry.tool,
                       entry.purpose, entry.found.empty() ? where : entry.found);
}

nlohmann::json to_json(const std::vector<Check>& list) {
    nlohmann::json tools = nlohmann::json::array();
    for (const Check& entry : list)
        tools.push_back({{"tool", entry.tool},
                         {"for", entry.purpose},
                         {"package", entry.package},
                         {"needed", entry.need == Need::everybody},
                         {"found", entry.found}});
    return {{"tools", tools}, {"acceleration", acceleration()}, {"install", install_command(list)}};
}

int doctor_command(const Invocation& invocation) {
    const auto catalogue = load_catalogue(invocation);
    if (!catalogue.ok())
        return report(catalogue.error());
    const std::vector<Check> list = checks(catalogue.value());
    const std::string install = install_command(list);
    const int exit_code =
        static_cast<int>(install.empty() ? ExitCode::success : ExitCode::missing_tool);
    if (invocation.has("json")) {
        print(to_json(list).dump(2) + "\n");
        return exit_code;
    }
    for (const Check& entry : list)
        print(line(entry));
    print(fmt::format("{:<8} {:<20} {:<24} {}\n", "ok", "acceleration", "running", acceleration()));
    if (!install.empty())
        print(fmt::format("\nto install what is missing:\n  sudo {}\n", install));
    return exit_code;
}

} // namespace

constinit const CommandSpecification k_doctor_command{
    .name = "doctor",
    .summary = "check what this host has for building and running",
    .description = "Lists the tools that builds and runs need, and the command that installs "
                   "what is missing. Exits with 3 when something is missing that every "
                   "image needs; a language's tools are shown, and count when it is used.",
    .options = k_json_only,
    .positionals = {},
    .action = doctor_command};

} // namespace unik::cli
