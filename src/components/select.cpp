// Selection is a walk from the roots along `requires`, system calls and wanted names. Each
// component keeps all its reasons, and the chain of the first one, from the root down, for
// messages.
#include <algorithm>
#include <deque>
#include <set>

#include <components/selection.hpp>
#include <fmt/format.h>
#include <support/text.hpp>

namespace unik::components {
namespace {

constexpr std::string_view k_roots[] = {"kernel", "linux-process"};
// What puts the program into memory, by where it lies.
constexpr std::string_view k_fused_program = "fused-program";
constexpr std::string_view k_program_file = "elf-loader";

// The exceptions that a program may be allowed, each a component of the same name.
constexpr std::string_view k_exceptions[] = {"jit"};

// What mounts the root, by where it lies.
struct RootComponent {
    vocabulary::RootPlace place;
    std::string_view name;
    std::string_view why;
};
constexpr RootComponent k_root_components[] = {
    {vocabulary::RootPlace::none, "root-memory", "the image brings no files"},
    {vocabulary::RootPlace::embedded, "root-embedded", "the root lies in the kernel"},
    {vocabulary::RootPlace::disk, "root-disk", "the root lies on the disk"},
};

using Chain = std::vector<std::string>;

enum class Strength {
    firm, // a removal breaks something
    soft, // a removal is fine
};

struct Entry {
    const Component* component = nullptr;
    std::vector<std::string> reasons;
    Chain chain;
    bool all_syscalls = false;
};

class Selector {
public:
    Selector(const std::map<std::string, Component>& all, const analysis::Needs& needs,
             const unikfile::Manifest& manifest,
             const std::vector<const manifests::Target*>& targets,
             const manifests::Language& language, vocabulary::RootPlace root)
        : all_(all), needs_(needs), manifest_(manifest), targets_(targets), language_(language),
          root_(root),
          removed_(manifest.components_removed.begin(), manifest.components_removed.end()) {
        for (const auto& [name, component] : all)
            for (const auto& [call, function] : component.syscalls)
                providers_.emplace(call, name);
    }

    Result<Selection> run() {
        check_names();
        if (!problems_.diagnostics.empty())
            return std::move(problems_);
        need_roots();
        need_syscalls();
        need_exceptions();
        need_named();
        while (!waiting_.empty()) {
            const std::string name = waiting_.front();
            waiting_.pop_front();
            follow(name);
        }
        if (!problems_.diagnostics.empty())
            return std::move(problems_);
        return finish();
    }

private:
    void problem(std::string id, std::string message, std::string hint, Chain notes = {}) {
        Error error = make_error(std::move(id), std::move(message), std::move(hint));
        error.diagnostics[0].notes = std::move(notes);
        problems_.diagnostics.push_back(std::move(error.diagnostics[0]));
    }

    void check_name(const std::string& name, const std::string& who) {
        if (all_.contains(name))
            return;
        std::vector<std::string> names;
        for (const auto& [known, component] : all_)
            names.push_back(known);
        const std::string meant = did_you_mean(name, names);
        problem("unknown-component",
                fmt::format("{} names the component '{}', which does not exist", who, name),
                meant.empty() ? "'unik components' lists them" : meant);
    }

    void check_names() {
        for (const std::string& name : manifest_.components_added)
            check_name(name, "'components: add' in the Unikfile");
        for (const std::string& name : manifest_.components_removed)
            check_name(name, "'components: remove' in the Unikfile");
        for (const std::string& name : language_.components)
            check_name(name, fmt::format("the language '{}'", language_.name));
        for (const manifests::Target* target : targets_) {
            for (const std::string& name : target->needed)
                check_name(name, fmt::format("the target '{}'", target->name));
            for (const std::string& name : target->drivers)
                check_name(name, fmt::format("the target '{}'", target->name));
        }
        for (const std::string_view name : k_roots)
            check_name(std::string(name), "this build of unik");
        check_name(std::string(program_loader()), "this build of unik");
    }

    // chain ends with the sentence that says why.
    void need(const std::string& name, std::string reason, const Chain& chain,
              Strength strength = Strength::firm) {
        if (removed_.contains(name)) {
            if (strength == Strength::firm)
                refuse_removal(name, chain);
            return;
        }
        const auto [place, added] = entries_.try_emplace(name);
        Entry& entry = place->second;
        if (added) {
            entry.component = &all_.at(name);
            entry.chain = chain;
            waiting_.push_back(name);
        }
        if (std::find(entry.reasons.begin(), entry.reasons.end(), reason) == entry.reasons.end())
            entry.reasons.push_back(std::move(reason));
    }

    void refuse_removal(const std::string& name, const Chain& chain) {
        if (!refused_.insert(name).second)
            return;
        problem("removal-breaks",
                fmt::format("'components: remove' names '{}', which is needed", name),
                fmt::format("keep '{}', or change what asks for it", name), chain);
        for (const unikfile::Reference& reference : manifest_.references)
            if (reference.kind == unikfile::Reference::Kind::component && reference.name == name)
                problems_.diagnostics.back().where = reference.where;
    }

    std::string_view program_loader() const {
        return needs_.dynamic ? k_program_file : k_fused_program;
    }

    void need_roots() {
        for (const std::string_view name : k_roots)
            need(std::string(name), "every image", {fmt::format("every image has '{}'", name)});
        need(std::string(program_loader()),
             needs_.dynamic ? "the program is dynamically linked" : "the program is static",
             {fmt::format("'{}' starts the program", program_loader())});
        for (const manifests::Target* target : targets_)
            for (const std::string& name : target->needed)
                need(name, fmt::format("target '{}'", target->name),
                     {fmt::format("the target '{}' has '{}'", target->name, name)});
    }

    void need_syscalls() {
        for (const analysis::SyscallNeed& call : needs_.syscalls) {
            const auto provider = providers_.find(call.name);
            if (provider == providers_.end() || call.never_made)
                continue;
            need(provider->second, fmt::format("system call '{}' ({})", call.name, call.reason),
                 {fmt::format("the program calls '{}' ({})", call.name, call.reason),
                  fmt::format("'{}' provides '{}'", provider->second, call.name)},
                 call.from_profile ? Strength::soft : Strength::firm);
        }
    }

    void need_exceptions() {
        const auto holds = [](const std::vector<std::string>& names, std::string_view name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        for (const std::string_view exception : k_exceptions) {
            const std::string name(exception);
            if (holds(manifest_.allow, exception))
                need(name, "'security: allow' in the Unikfile",
                     {fmt::format("'security: allow' names '{}'", name)});
            if (holds(language_.allow, exception))
                need(name, fmt::format("language '{}' allows it", language_.name),
                     {fmt::format("the language '{}' allows '{}'", language_.name, name)},
                     Strength::soft);
        }
    }

    // What the language and the Unikfile ask for by name.
    void need_named() {
        for (const std::string& name : language_.components) {
            need(name, fmt::format("language '{}'", language_.name),
                 {fmt::format("the language '{}' names '{}'", language_.name, name)},
                 Strength::soft);
            link_all_of(name);
        }
        for (const std::string& name : manifest_.components_added) {
            need(name, "added in the Unikfile", {fmt::format("the Unikfile adds '{}'", name)});
            link_all_of(name);
        }
    }

    void link_all_of(const std::string& name) {
        if (const auto entry = entries_.find(name); entry != entries_.end())
            entry->second.all_syscalls = true;
    }

    void follow(const std::string& name) {
        const Entry entry = entries_.at(name);
        for (const std::string& required : entry.component->dependencies) {
            Chain chain = entry.chain;
            chain.push_back(fmt::format("'{}' requires '{}'", name, required));
            need(required, fmt::format("required by '{}'", name), chain);
        }
        for (const std::string& wanted : entry.component->wants)
            follow_want(entry, wanted);
    }

    // The targets that have the device that this component drives; a component that is no driver
    // needs none.
    std::string targets_with(const Component& component) const {
        std::vector<std::string> names;
        for (const manifests::Target* target : targets_)
            if (std::find(target->drivers.begin(), target->drivers.end(), component.name) !=
                target->drivers.end())
                names.push_back(fmt::format("'{}'", target->name));
        return listing(names);
    }

    static const RootComponent* find_root_component(std::string_view name) {
        const auto* found =
            std::find_if(std::begin(k_root_components), std::end(k_root_components),
                         [&](const RootComponent& known) { return known.name == name; });
        return found == std::end(k_root_components) ? nullptr : found;
    }

    void follow_want(const Entry& entry, const std::string& wanted) {
        Chain chain = entry.chain;
        chain.push_back(fmt::format("'{}' wants '{}'", entry.component->name, wanted));
        std::string removed;
        bool provided = false;
        for (const auto& [name, component] : all_) {
            if (std::find(component.provides.begin(), component.provides.end(), wanted) ==
                component.provides.end())
                continue;
            const RootComponent* for_root = find_root_component(name);
            if (for_root != nullptr && for_root->place != root_)
                continue;
            const std::string targets = targets_with(component);
            if (component.layer == Layer::drivers && targets.empty())
                continue;
            if (removed_.contains(name)) {
                removed = name;
                continue;
            }
            provided = true;
            std::string reason = fmt::format("{} for '{}'", wanted, entry.component->name);
            if (!targets.empty())
                reason += fmt::format(" on target {}", targets);
            if (for_root != nullptr)
                reason += fmt::format(": {}", for_root->why);
            chain.push_back(fmt::format("'{}' provides '{}'", name, wanted));
            need(name, std::move(reason), chain);
            chain.pop_back();
        }
        if (!provided && !removed.empty()) {
            chain.push_back(fmt::format("only '{}' provides '{}'", removed, wanted));
            refuse_removal(removed, chain);
        }
    }

    Result<Selection> finish() {
        Selection selection;
        selection.components = UNIK_TRY(in_start_order());
        for (const auto& [name, entry] : entries_)
            for (const auto& [call, function] : entry.component->syscalls)
                if (entry.all_syscalls)
                    selection.syscalls.emplace(call, name);
        for (const analysis::SyscallNeed& call : needs_.syscalls) {
            const auto provider = providers_.find(call.name);
            if (provider != providers_.end() && entries_.contains(provider->second))
                selection.syscalls.emplace(call.name, provider->second);
            else if (!call.never_made)
                selection.unlinked_syscalls.push_back(call.name);
        }
        selection.providers = std::move(providers_);
        return selection;
    }

    // Each component after all that it requires; among those that may come next, the lowest layer
    // first, then by name.
    Result<std::vector<Selected>> in_start_order() {
        std::map<std::string, std::size_t> missing; // requirements that are not placed yet
        std::set<std::pair<Layer, std::string>> ready;
        for (const auto& [name, entry] : entries_) {
            missing[name] = entry.component->dependencies.size();
            if (missing[name] == 0)
                ready.insert({entry.component->layer, name});
        }
        std::vector<Selected> order;
        while (!ready.empty()) {
            const std::string name = ready.begin()->second;
            ready.erase(ready.begin());
            Entry& placed = entries_.at(name);
            order.push_back({placed.component, placed.reasons});
            for (const auto& [other, entry] : entries_) {
                const auto& dependencies = entry.component->dependencies;
                const auto uses = static_cast<std::size_t>(
                    std::count(dependencies.begin(), dependencies.end(), name));
                missing[other] -= uses;
                if (uses > 0 && missing[other] == 0)
                    ready.insert({entry.component->layer, other});
            }
        }
        if (order.size() == entries_.size())
            return order;
        std::vector<std::string> circle;
        for (const auto& [name, count] : missing)
            if (count > 0)
                circle.push_back(fmt::format("'{}'", name));
        return make_error(
            "component-broken",
            fmt::format("the components {} require each other in a circle", listing(circle)),
            "correct the component.yaml files and build unik again");
    }

    const std::map<std::string, Component>& all_;
    const analysis::Needs& needs_;
    const unikfile::Manifest& manifest_;
    const std::vector<const manifests::Target*>& targets_;
    const manifests::Language& language_;
    const vocabulary::RootPlace root_;
    const std::set<std::string> removed_;
    std::map<std::string, std::string> providers_;
    std::map<std::string, Entry> entries_;
    std::deque<std::string> waiting_;
    std::set<std::string> refused_;
    Error problems_;
};

} // namespace

Result<Selection> select(const std::map<std::string, Component>& all, const analysis::Needs& needs,
                         const unikfile::Manifest& manifest,
                         const std::vector<const manifests::Target*>& targets,
                         const manifests::Language& language, vocabulary::RootPlace root) {
    return Selector(all, needs, manifest, targets, language, root).run();
}

} // namespace unik::components
