// Help, manual pages and completions come from the tables; here, that nothing in a table is lost on
// the way and that no text breaks the format it is put into.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <cli/command_table.hpp>
#include <cli/completion.hpp>
#include <cli/diagnostic_ids.hpp>
#include <cli/help.hpp>
#include <cli/manual.hpp>

using namespace unik::cli;

namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '-' ? std::string("\\-") : std::string(1, c);
    return out;
}

} // namespace

TEST_CASE("every command has a summary, a help text and a manual page") {
    for (const CommandSpecification& command : commands()) {
        CAPTURE(command.name);
        CHECK_FALSE(command.summary.empty());
        CHECK_FALSE(command.summary.ends_with('.'));
        CHECK((command.action != nullptr));
        const std::string help = help_text(command);
        const std::string page = manual_page("unik-" + std::string(command.name));
        CHECK(help.starts_with("Usage: unik " + std::string(command.name)));
        for (const Option& option : command.options) {
            CAPTURE(option.name);
            CHECK(option.description.ends_with('.'));
            CHECK(option.choices.empty() == (option.kind != ValueKind::choice));
            CHECK(option.value_name.empty() == (option.kind == ValueKind::none));
            CHECK(contains(help, option_heading(option)));
            CHECK(contains(page, escaped("--" + std::string(option.name))));
        }
    }
}

TEST_CASE("no two options of a command share a name or a letter") {
    for (const CommandSpecification& command : commands()) {
        std::vector<std::string_view> names;
        std::string letters;
        for (const auto options : {command.options, global_options()})
            for (const Option& option : options) {
                names.push_back(option.name);
                if (option.letter != '\0')
                    letters += option.letter;
            }
        std::sort(names.begin(), names.end());
        std::sort(letters.begin(), letters.end());
        CAPTURE(command.name);
        CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
        CHECK(std::adjacent_find(letters.begin(), letters.end()) == letters.end());
    }
}

TEST_CASE("help keeps to the width of a page") {
    for (const CommandSpecification& command : commands()) {
        std::istringstream lines(help_text(command));
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(line);
            CHECK(line.size() <= 100);
        }
    }
}

TEST_CASE("a manual page's lines begin with no request but its own") {
    for (const std::string_view page : {"unik", "unik-build", "unik-run", "Unikfile"}) {
        std::istringstream lines(manual_page(page));
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(line);
            if (line.starts_with('.'))
                CHECK((line.starts_with(".\\\"") || line.starts_with(".TH ") ||
                       line.starts_with(".SH ") || line.starts_with(".SS ") || line == ".TP" ||
                       line == ".PP" || line == ".IP" || line == ".EX" || line == ".EE" ||
                       line.starts_with(".B ")));
            CHECK_FALSE(line.starts_with('\''));
        }
    }
    CHECK(manual_page("unik-nonsense").empty());
    CHECK(manual_page("").empty());
}

TEST_CASE("completion knows every command and option of the three shells, and no other shell") {
    for (const std::string_view shell : {"bash", "zsh", "fish"}) {
        const std::string script = completion_script(shell);
        CAPTURE(shell);
        for (const CommandSpecification& command : commands()) {
            if (command.hidden)
                continue;
            CHECK(contains(script, command.name));
            for (const Option& option : command.options)
                CHECK(contains(script, option.name));
        }
    }
    CHECK(completion_script("tcsh").empty());
}

TEST_CASE("diagnostic ids are sorted, kebab-case and have one meaning each") {
    for (const auto ids : {diagnostic_ids(), guest_warning_ids()}) {
        CHECK(std::is_sorted(ids.begin(), ids.end(),
                             [](const auto& a, const auto& b) { return a.id < b.id; }));
        for (const DiagnosticId& entry : ids) {
            CAPTURE(entry.id);
            CHECK(entry.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") ==
                  std::string_view::npos);
            CHECK_FALSE(entry.meaning.empty());
            CHECK_FALSE(entry.meaning.ends_with('.'));
            CHECK(contains(manual_page("unik"), "\\fB" + escaped(entry.id) + "\\fR\n"));
        }
    }
}
