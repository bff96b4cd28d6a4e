#include <components/suitability.hpp>

#include <fmt/format.h>

#include <support/text.hpp>

namespace unik::components {
namespace {

class Check {
public:
    Check(const unikfile::Manifest& manifest, const manifests::Target& target, Error& problems)
        : manifest_(manifest), target_(target), problems_(problems) {}

    void network() {
        if (manifest_.expose.empty() || !target_.networks.empty())
            return;
        Diagnostic& diagnostic = refuse(
            fmt::format("'expose' asks for a network, and the target '{}' has no network card that "
                        "unik drives",
                        target_.name),
            "leave the target out until then, or build an application without 'expose'");
        diagnostic.notes = target_.not_yet;
    }

    void memory() {
        const Bytes memory = manifest_.resources.memory;
        if (memory < target_.least_memory)
            refuse(fmt::format("the image has {} of memory, and the target '{}' gives at least {}",
                               to_text(memory), target_.name, to_text(target_.least_memory)),
                   fmt::format("resources: {{memory: {}M}}", target_.least_memory.value >> 20));
        else if (target_.most_memory && memory > *target_.most_memory)
            refuse(fmt::format("the image asks for {} of memory, and the target '{}' gives at most "
                               "{}",
                               to_text(memory), target_.name, to_text(*target_.most_memory)),
                   fmt::format("resources: {{memory: {}M}}", target_.most_memory->value >> 20));
    }

    void cpus() {
        if (target_.most_cpus && manifest_.resources.cpus > *target_.most_cpus)
            refuse(fmt::format("the image asks for {} CPUs, and the target '{}' gives at most {}",
                               manifest_.resources.cpus, target_.name, *target_.most_cpus),
                   "the library OS runs the program on one CPU anyway");
    }

    void disk() {
        if (target_.disks.empty())
            refuse(fmt::format("the image's root file system lies on the disk, and the target '{}' "
                               "has no disk that unik drives",
                               target_.name),
                   "write 'root: embedded' in the Unikfile, or leave the target out");
    }

private:
    Diagnostic& refuse(std::string message, std::string hint) {
        problems_.diagnostics.push_back(
            make_error("target-unsuitable", std::move(message), std::move(hint)).diagnostics[0]);
        Diagnostic& diagnostic = problems_.diagnostics.back();
        for (const unikfile::Reference& reference : manifest_.references)
            if (reference.kind == unikfile::Reference::Kind::target &&
                reference.name.substr(0, reference.name.find(':')) == target_.name)
                diagnostic.where = reference.where;
        return diagnostic;
    }

    const unikfile::Manifest& manifest_;
    const manifests::Target& target_;
    Error& problems_;
};

} // namespace

Result<void> check_suitable(const unikfile::Manifest& manifest,
                            const std::vector<const manifests::Target*>& targets) {
    Error problems;
    for (const manifests::Target* target : targets) {
        Check check(manifest, *target, problems);
        check.network();
        check.memory();
        check.cpus();
    }
    if (!problems.diagnostics.empty())
        return problems;
    return {};
}

Result<void> check_root(const unikfile::Manifest& manifest, vocabulary::RootPlace root,
                        const std::vector<const manifests::Target*>& targets) {
    Error problems;
    if (root == vocabulary::RootPlace::disk)
        for (const manifests::Target* target : targets)
            Check(manifest, *target, problems).disk();
    if (!problems.diagnostics.empty())
        return problems;
    return {};
}

} // namespace unik::components
