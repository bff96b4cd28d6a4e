#include <cli/invocation.hpp>

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cli/help.hpp>
#include <support/text.hpp>

namespace unik::cli {
namespace {

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    for (const CommandSpecification& command : commands())
        if (!command.hidden)
            names.emplace_back(command.name);
    return names;
}

Error usage_error(const CommandSpecification* command, std::string message, std::string hint = {}) {
    if (hint.empty())
        hint = command != nullptr ? fmt::format("see 'unik help {}'", command->name)
                                  : "see 'unik help'";
    return make_error("usage", std::move(message), std::move(hint), ExitCode::usage);
}

// What CLI11 writes into while it parses.
struct Slot {
    std::string name;
    std::vector<std::string> given;
    std::size_t count = 0; // of a switch
};

class Parser {
public:
    explicit Parser(const CommandSpecification& command) : command_(command) {
        application_.set_help_flag();
        application_.name("unik " + std::string(command.name));
        slots_.reserve(command.options.size() + global_options().size());
        for (const Option& option : command.options)
            add(option);
        for (const Option& option : global_options())
            add(option);
        application_.add_option("ARGUMENTS", arguments_);
    }

    Result<Invocation> parse(std::vector<std::string> words) {
        const std::vector<std::string> trailing = split_off_trailing(words);
        std::reverse(words.begin(), words.end()); // as CLI11 wants it
        try {
            application_.parse(words);
        } catch (const CLI::ExtrasError&) {
            return unknown_word();
        } catch (const CLI::ArgumentMismatch& error) {
            return wrong_value(error.what());
        } catch (const CLI::ParseError& error) {
            return usage_error(&command_, error.what());
        }
        Invocation invocation = UNIK_TRY(collect());
        for (const Positional& positional : command_.positionals)
            if (positional.repeat == Repeat::many && dashes_seen_)
                invocation.values[std::string(positional.name)] = trailing;
        return invocation;
    }

private:
    // What follows "--" belongs to the positional that repeats, untouched, where there is one.
    std::vector<std::string> split_off_trailing(std::vector<std::string>& words) {
        const auto dashes = std::find(words.begin(), words.end(), "--");
        const bool wanted =
            std::any_of(command_.positionals.begin(), command_.positionals.end(),
                        [](const Positional& p) { return p.repeat == Repeat::many; });
        if (dashes == words.end() || !wanted)
            return {};
        dashes_seen_ = true;
        std::vector<std::string> trailing(dashes + 1, words.end());
        words.erase(dashes, words.end());
        return trailing;
    }

    void add(const Option& option) {
        Slot& slot = slots_.emplace_back();
        slot.name = option.name;
        std::string names = "--" + std::string(option.name);
        if (option.letter != '\0')
            names = fmt::format("-{},{}", option.letter, names);
        if (option.kind == ValueKind::none) {
            application_.add_flag(names, slot.count)
                ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
                ->disable_flag_override();
            return;
        }
        application_.add_option(names, slot.given)
            ->expected(1)
            ->multi_option_policy(option.repeat == Repeat::many ? CLI::MultiOptionPolicy::TakeAll
                                                                : CLI::MultiOptionPolicy::TakeLast)
            ->allow_extra_args(false);
    }

    // CLI11 names the option first; its own words are for programmers.
    Error wrong_value(std::string_view words) {
        std::string_view name = words.substr(0, words.find_first_of(": "));
        name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
        const auto named = [&](const Option& option) { return option.name == name; };
        for (const std::span<const Option> options : {command_.options, global_options()}) {
            const auto option = std::find_if(options.begin(), options.end(), named);
            if (option == options.end())
                continue;
            if (option->kind == ValueKind::none)
                return usage_error(&command_,
                                   fmt::format("--{} is a switch and takes no value", name));
            return usage_error(&command_, fmt::format("--{} needs a value", name),
                               "write it as " + option_heading(*option));
        }
        return usage_error(&command_, std::string(words));
    }

    Error unknown_word() {
        const std::vector<std::string> extras = application_.remaining();
        const std::string word = extras.empty() ? "?" : extras.front();
        std::vector<std::string> known;
        for (const Slot& slot : slots_)
            known.push_back("--" + slot.name);
        return usage_error(&command_,
                           fmt::format("'unik {}' has no option '{}'", command_.name, word),
                           did_you_mean(word.substr(0, word.find('=')), known));
    }

    Result<Invocation> collect() {
        Invocation invocation;
        invocation.command = &command_;
        for (Slot& slot : slots_) {
            if (slot.count > 0)
                invocation.values[slot.name] = {"true"};
            else if (!slot.given.empty())
                invocation.values[slot.name] = std::move(slot.given);
        }
        UNIK_TRY(check_values(invocation));
        UNIK_TRY(place_arguments(invocation));
        UNIK_TRY(check_choices(invocation));
        return invocation;
    }

    // `-o --explain`: CLI11 would take the next option for the value.
    Result<void> check_values(const Invocation& invocation) {
        for (const Option& option : command_.options)
            for (const std::string& value : invocation.all(option.name))
                for (const Slot& slot : slots_)
                    if (option.kind != ValueKind::none && value == "--" + slot.name)
                        return wrong_value("--" + std::string(option.name));
        return {};
    }

    Result<void> place_arguments(Invocation& invocation) {
        std::size_t next = 0;
        for (const Positional& positional : command_.positionals) {
            if (positional.repeat == Repeat::many)
                continue;
            if (next < arguments_.size())
                invocation.values[std::string(positional.name)] = {arguments_[next++]};
            else if (positional.required)
                return usage_error(
                    &command_, fmt::format("'unik {}' needs {}", command_.name, positional.name),
                    "usage: " + usage_line(command_));
        }
        if (next < arguments_.size())
            return usage_error(&command_,
                               fmt::format("'unik {}' takes no further argument '{}'",
                                           command_.name, arguments_[next]),
                               "usage: " + usage_line(command_));
        return {};
    }

    Result<void> check_choices(const Invocation& invocation) {
        for (const Option& option : command_.options)
            UNIK_TRY(check_choice(invocation, "--", option.name, option.choices));
        for (const Positional& positional : command_.positionals)
            UNIK_TRY(check_choice(invocation, "", positional.name, positional.choices));
        return {};
    }

    Result<void> check_choice(const Invocation& invocation, std::string_view dashes,
                              std::string_view name, std::string_view choices) {
        if (choices.empty() || !invocation.has(name))
            return {};
        std::vector<std::string> known = CLI::detail::split(std::string(choices), '|');
        for (const std::string& value : invocation.all(name))
            if (std::find(known.begin(), known.end(), value) == known.end())
                return usage_error(&command_,
                                   fmt::format("{}{} is '{}', expected {}", dashes, name, value,
                                               listing(known, "or")),
                                   did_you_mean(value, known));
        return {};
    }

    const CommandSpecification& command_;
    CLI::App application_;
    std::vector<Slot> slots_;
    std::vector<std::string> arguments_;
    bool dashes_seen_ = false;
};

bool asks_for_help(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        if (word == "--")
            return false;
        if (word == "--help" || word == "-h")
            return true;
    }
    return false;
}

} // namespace

std::string Invocation::value(std::string_view name) const {
    if (const auto given = values.find(name); given != values.end() && !given->second.empty())
        return given->second.back();
    if (command != nullptr)
        for (const Option& option : command->options)
            if (option.name == name)
                return std::string(option.fallback);
    return {};
}

std::vector<std::string> Invocation::all(std::string_view name) const {
    const auto given = values.find(name);
    return given != values.end() ? given->second : std::vector<std::string>();
}

Result<Invocation> parse(int argc, const char* const* argv) {
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    Invocation invocation;
    if (words.empty() || words[0] == "--help" || words[0] == "-h") {
        invocation.command = find_command("help");
        return invocation;
    }
    if (words[0] == "--version")
        words[0] = "version";
    const CommandSpecification* command = find_command(words[0]);
    if (command == nullptr)
        return usage_error(nullptr, fmt::format("unik has no command '{}'", words[0]),
                           did_you_mean(words[0], command_names()));
    words.erase(words.begin());
    if (asks_for_help(words)) {
        invocation.command = command;
        invocation.help = true;
        return invocation;
    }
    return Parser(*command).parse(std::move(words));
}

} // namespace unik::cli
