// How the stages of a build are shown: a live list on a terminal, plain lines in CI, or JSON lines.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <support/result.hpp>

namespace unik::cli {

class Progress {
public:
    virtual ~Progress() = default;
    virtual void begin(std::string_view stage) = 0;
    // detail: a few words about what came out of it.
    virtual void end(std::string_view stage, std::chrono::milliseconds took,
                     std::string_view detail) = 0;
    virtual void fail(std::string_view stage, std::chrono::milliseconds took) = 0;
    // A tool's own output while a stage runs.
    virtual void output(std::string_view text) = 0;
    // A remark for people that is no error.
    virtual void warn(const Diagnostic& diagnostic) = 0;
    virtual void finished(const std::string& bundle, std::chrono::milliseconds took) = 0;
    // Nothing had to be made: the bundle is what it would become.
    virtual void up_to_date(const std::string& bundle, std::chrono::milliseconds took);
    // The build ends with this. Returns the exit code.
    virtual int refuse(const Error& error);
};

enum class ToolOutput { hidden, shown };

// how: "auto", "plain", "json", "quiet" (the bundle's path, warnings), or "silent" (warnings).
std::unique_ptr<Progress> make_progress(std::string_view how, ToolOutput tool_output);

// Runs one stage: begin, the action, end or fail. The action returns Result<T>; describe turns its
// value into the detail.
template <typename Action, typename Describe>
auto stage(Progress& progress, std::string_view name, Action action, Describe describe)
    -> decltype(action()) {
    const auto start = std::chrono::steady_clock::now();
    progress.begin(name);
    auto result = action();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    if (!result.ok()) {
        progress.fail(name, took);
        return result;
    }
    if constexpr (std::is_void_v<typename decltype(result)::Value>)
        progress.end(name, took, describe());
    else
        progress.end(name, took, describe(result.value()));
    return result;
}

} // namespace unik::cli
