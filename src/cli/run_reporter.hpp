// What `unik run` says while the guest runs: the program's own output untouched, and unik's lines
// on stderr.
#pragma once

#include <set>
#include <string>

#include <machine/machine.hpp>

namespace unik::cli {

enum class Verbosity { quiet, normal };

class RunReporter {
public:
    RunReporter(const machine::RunOptions& options, Verbosity verbosity);

    machine::Listener listener();
    // Says how it ended where that needs a word, and returns the exit code.
    int conclude(const machine::Outcome& outcome);

private:
    void on_event(const nlohmann::json& event);
    void on_listen(const nlohmann::json& event);
    void say(const std::string& line) const;

    const machine::RunOptions& options_;
    Verbosity verbosity_;
    std::set<std::string> announced_;
};

} // namespace unik::cli
