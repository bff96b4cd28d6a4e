// For each syscall instruction that can run, the number in eax is followed backwards: constants are
// taken, and what the function was given (a register, a word on the stack) is looked up at each of
// its callers, and at theirs. Where the trail ends at something else, the site is unknown.
#include <analysis/syscall_sites.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <string_view>

#include <analysis/function_flow.hpp>

namespace unik::analysis {
namespace {

constexpr unsigned k_deepest = 12; // callers above callers
constexpr std::int64_t k_highest_number = 1023;

// Functions that take the number from memory, which is not followed: how the two C libraries let
// every thread run the calls that change a process's credentials.
constexpr std::string_view k_credentials[] = {"setuid",    "setgid",    "setreuid", "setregid",
                                              "setresuid", "setresgid", "setgroups"};
constexpr std::string_view k_credential_setters[] = {
    "do_setxid", "__setxid", "__nptl_setxid", "sighandler_setxid", "__nptl_setxid_sighandler"};

// What musl's start does only where a program runs with another user's rights than its caller's
// (AT_UID and AT_EUID differ, or AT_SECURE is set): opening /dev/null in place of standard
// descriptors that are closed. The library OS never starts a program so.
struct FunctionCall {
    std::string_view function;
    std::string_view call;
};
constexpr FunctionCall k_for_foreign_rights[] = {{"__init_libc", "poll"}, {"__init_libc", "open"}};

class Search {
public:
    explicit Search(const Functions& functions) : functions_(functions) {}

    SyscallSites run() {
        for (std::size_t f = 0; f < functions_.all().size(); ++f) {
            const Function& function = functions_.all()[f];
            for (std::size_t i = function.first; function.reachable && i < function.last; ++i)
                if (functions_.code().instructions()[i].flow == Flow::syscall)
                    take(f, i, flow_of(f).before(i)[k_rax], 0);
        }
        auto& unknown = sites_.unknown;
        std::sort(unknown.begin(), unknown.end(),
                  [](const UnknownSite& a, const UnknownSite& b) { return a.address < b.address; });
        unknown.erase(std::unique(unknown.begin(), unknown.end(),
                                  [](const UnknownSite& a, const UnknownSite& b) {
                                      return a.address == b.address;
                                  }),
                      unknown.end());
        return std::move(sites_);
    }

private:
    const FunctionFlow& flow_of(std::size_t function) {
        auto& flow = flows_[function];
        if (!flow)
            flow = std::make_unique<FunctionFlow>(functions_, function);
        return *flow;
    }

    // The number is `value` at this instruction.
    void take(std::size_t function, std::size_t instruction, const Value& value, unsigned depth) {
        const std::uint64_t address = functions_.code().instructions()[instruction].address;
        if (!value.known())
            return give_up(function, address);
        for (const Atom& atom : value.atoms()) {
            const auto number = static_cast<std::int32_t>(atom.value);
            if (atom.kind == Atom::Kind::constant && number >= 0 && number <= k_highest_number)
                add_found(function, static_cast<std::uint32_t>(number), address);
            else if (atom.kind == Atom::Kind::given_register ||
                     atom.kind == Atom::Kind::given_stack)
                ask_callers(function, instruction, atom, depth);
            else
                give_up(function, address);
        }
    }

    void ask_callers(std::size_t function, std::size_t instruction, Atom given, unsigned depth) {
        if (!asked_.insert({function, given}).second)
            return;
        const Function& callee = functions_.all()[function];
        const auto entrances = functions_.entrances(function);
        if (depth == k_deepest || callee.address_taken || entrances.empty())
            give_up(function, functions_.code().instructions()[instruction].address);
        if (depth == k_deepest)
            return;
        for (const Entrance* entrance : entrances)
            if (entrance->target == callee.start)
                take(entrance->from, entrance->instruction, given_at(*entrance, given), depth + 1);
    }

    // What the caller has in the place that the callee is given as `given`.
    Value given_at(const Entrance& entrance, Atom given) {
        const FunctionFlow& flow = flow_of(entrance.from);
        const State state = entrance.kind == Entrance::Kind::fall
                                ? flow.after(entrance.instruction)
                                : flow.before(entrance.instruction);
        if (given.kind == Atom::Kind::given_register)
            return state[static_cast<unsigned>(given.value)];
        const Value& stack_pointer = state[k_rsp];
        const Atom* top = stack_pointer.stack_address();
        const std::int64_t return_address = entrance.kind == Entrance::Kind::call ? 8 : 0;
        return top == nullptr ? Value() : state.load(top->value + given.value - return_address, 8);
    }

    using Found = std::map<std::uint32_t, std::uint64_t>;

    static void add(Found& found, std::uint32_t number, std::uint64_t address) {
        const auto [entry, added] = found.emplace(number, address);
        if (!added)
            entry->second = std::min(entry->second, address);
    }

    void add_found(std::size_t function, std::uint32_t number, std::uint64_t address) {
        const std::string& name = functions_.all()[function].name;
        const bool never =
            std::any_of(std::begin(k_for_foreign_rights), std::end(k_for_foreign_rights),
                        [&](const FunctionCall& entry) {
                            return entry.function == name && entry.call == syscall_name(number);
                        });
        add(never ? sites_.never_made : sites_.found, number, address);
    }

    void give_up(std::size_t function, std::uint64_t address) {
        const std::string& name = functions_.all()[function].name;
        if (std::find(std::begin(k_credential_setters), std::end(k_credential_setters), name) ==
            std::end(k_credential_setters)) {
            sites_.unknown.push_back({address, name});
            return;
        }
        for (const std::string_view call : k_credentials)
            add(sites_.found, static_cast<std::uint32_t>(syscall_number(call)), address);
    }

    const Functions& functions_;
    std::map<std::size_t, std::unique_ptr<FunctionFlow>> flows_;
    std::set<std::pair<std::size_t, Atom>> asked_;
    SyscallSites sites_;
};

} // namespace

SyscallSites find_syscalls(const Functions& functions) {
    return Search(functions).run();
}

} // namespace unik::analysis
