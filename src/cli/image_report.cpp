#include <cli/image_report.hpp>

#include <fmt/format.h>

#include <cli/terminal.hpp>
#include <support/process.hpp>
#include <support/quantity.hpp>

namespace unik::cli {
namespace {

using nlohmann::json;

// The document comes from a file: a missing or wrong member shows as empty, never as a failure.
std::string text(const json& object, const char* key) {
    const auto member = object.find(key);
    if (member == object.end())
        return {};
    return printable(member->is_string() ? member->get<std::string>() : member->dump());
}

std::uint64_t number(const json& object, const char* key) {
    const auto member = object.find(key);
    return member != object.end() && member->is_number_unsigned() ? member->get<std::uint64_t>()
                                                                  : 0;
}

const json& list(const json& object, const char* key) {
    static const json k_empty = json::array();
    const auto member = object.find(key);
    return member != object.end() && member->is_array() ? *member : k_empty;
}

std::string size_of(const json& object) {
    return to_text(Bytes{number(object, "size")});
}

// As one would type them.
std::string arguments(const json& document) {
    std::string out;
    for (const char* key : {"fixed_args", "args"})
        for (const json& argument : list(document, key))
            out += " " + printable(to_shell({argument.is_string() ? argument.get<std::string>()
                                                                  : argument.dump()}));
    return out;
}

std::string component_lines(const json& document) {
    std::string out = "Components\n";
    for (const json& component : list(document, "components")) {
        const json& reasons = list(component, "reasons");
        std::string why;
        if (!reasons.empty() && reasons[0].is_string())
            why = printable(reasons[0].get<std::string>());
        if (reasons.size() > 1)
            why += fmt::format(" (and {} more)", reasons.size() - 1);
        out += fmt::format("  {:<16} {:<9} {:>9}  {}\n", text(component, "name"),
                           text(component, "layer"), size_of(component), why);
    }
    return out;
}

// What the program may do beyond what every program may, and why: each is a component of its own.
std::string exception_lines(const json& document) {
    std::string out;
    for (const json& component : list(document, "components")) {
        if (text(component, "name") != "jit")
            continue;
        std::vector<std::string> reasons;
        for (const json& reason : list(component, "reasons"))
            reasons.push_back(printable(reason.is_string() ? reason.get<std::string>() : ""));
        out += fmt::format("Exception    jit: memory may be writable and executable at once ({})\n",
                           fmt::join(reasons, "; "));
    }
    return out;
}

std::string syscall_lines(const json& document) {
    static const json k_empty = json::object();
    const auto found = document.find("syscalls");
    const json& syscalls = found != document.end() && found->is_object() ? *found : k_empty;
    std::string present;
    for (const json& call : list(syscalls, "present"))
        present += " " + text(call, "name");
    std::string absent;
    for (const json& call : list(syscalls, "absent"))
        absent += " " + printable(call.is_string() ? call.get<std::string>() : std::string());
    std::string out = fmt::format("System calls present ({})\n{}", list(syscalls, "present").size(),
                                  wrapped(present, 2, 88));
    if (!absent.empty())
        out +=
            fmt::format("System calls that the program can make and no component provides ({})\n{}",
                        list(syscalls, "absent").size(), wrapped(absent, 2, 88));
    if (const json& never = list(syscalls, "never_made"); !never.empty()) {
        out += fmt::format("System calls in code that never runs here ({})\n", never.size());
        for (const json& call : never)
            out += fmt::format("  {} ({})\n", text(call, "name"), text(call, "reason"));
    }
    const json& unknown = list(syscalls, "undetermined_sites");
    if (!unknown.empty()) {
        out += fmt::format("System call instructions whose number could not be determined ({})\n",
                           unknown.size());
        for (const json& site : unknown)
            out += fmt::format("  {} {}\n", text(site, "address"), text(site, "function"));
    }
    return out;
}

std::string root_lines(const json& document) {
    static const json k_empty = json::object();
    const auto found = document.find("root");
    const json& root = found != document.end() && found->is_object() ? *found : k_empty;
    std::string out;
    if (number(root, "size") > 0)
        out += fmt::format("Root         {}, {} ({})\n", text(root, "place"), size_of(root),
                           text(root, "reason"));
    if (const std::string digest = text(root, "digest"); !digest.empty())
        out += fmt::format("Root digest  {}\n", digest);
    if (const auto folders = document.find("tmpfs");
        folders != document.end() && folders->is_object())
        for (const auto& [path, size] : folders->items())
            out += fmt::format("In memory    {}, at most {}\n", printable(path),
                               to_text(Bytes{number(*folders, path.c_str())}));
    return out;
}

// Of files that come from no Unikfile: "needed by '/bin/app'".
std::string reason_behind(const json& file) {
    const std::string reason = text(file, "reason");
    return reason.empty() ? reason : fmt::format(" ({})", reason);
}

} // namespace

std::string explanation(const json& document) {
    std::string out;
    for (const json& component : list(document, "components")) {
        out += fmt::format("{} ({}, {})\n", text(component, "name"), text(component, "layer"),
                           size_of(component));
        for (const json& reason : list(component, "reasons"))
            out += fmt::format("  because {}\n",
                               printable(reason.is_string() ? reason.get<std::string>() : ""));
    }
    return out + syscall_lines(document);
}

std::string inspection(const json& document) {
    const std::string version = text(document, "version");
    std::string out = fmt::format("Image        {}{}{}\n", text(document, "name"),
                                  version.empty() ? "" : " ", version);
    out += fmt::format("Language     {}\n", text(document, "language"));
    if (const std::string runtime = text(document, "runtime"); !runtime.empty())
        out += fmt::format("Runtime      {}\n", runtime);
    out += fmt::format("Base         {} ({})\n", text(document, "base"),
                       text(document, "architecture"));
    out += fmt::format("Entry point  {}{}\n", text(document, "entrypoint"), arguments(document));
    out += fmt::format("Memory       {}\n", to_text(Bytes{number(document, "memory")}));
    for (const json& port : list(document, "expose"))
        out += fmt::format("Port         {}/{}\n", text(port, "port"), text(port, "protocol"));
    out += root_lines(document);
    out += exception_lines(document) + "\n" + component_lines(document) + "\n" +
           syscall_lines(document) + "\nMemory layout\n";
    for (const json& part : list(document, "layout"))
        out += fmt::format("  {:<8} {:>18} {:>10}  {}\n", text(part, "what"), text(part, "address"),
                           size_of(part), text(part, "permissions"));
    out += "\nFiles\n";
    for (const json& file : list(document, "files"))
        out += fmt::format("  {} {:>10}  {}{}\n", text(file, "mode"),
                           file.contains("size") ? size_of(file) : text(file, "kind"),
                           text(file, "path"), reason_behind(file));
    out += "\nDigests\n";
    if (const auto digests = document.find("digests");
        digests != document.end() && digests->is_object())
        for (const auto& [name, digest] : digests->items())
            out += fmt::format("  {:<20} {}\n", printable(name), text(*digests, name.c_str()));
    return out;
}

} // namespace unik::cli
