#include <cli/log.hpp>

#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>

#include <cli/terminal.hpp>
#include <support/process.hpp>
#include <support/text.hpp>

namespace unik::cli {
namespace {

struct Level {
    std::string_view name;
    spdlog::level::level_enum value;
};

constexpr std::array k_levels{
    Level{"trace", spdlog::level::trace}, Level{"debug", spdlog::level::debug},
    Level{"info", spdlog::level::info},   Level{"warning", spdlog::level::warn},
    Level{"error", spdlog::level::err},   Level{"off", spdlog::level::off},
};

// Over a live progress line, which is drawn again after it. What is logged may come from a guest.
class ErrorStreamSink : public spdlog::sinks::base_sink<std::mutex> {
private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t text;
        formatter_->format(message, text);
        std::string line = printable({text.data(), text.size()});
        line.back() = '\n';
        print_error((error_is_terminal() ? "\r\033[K" : "") + line);
    }
    void flush_() override {}
};

void log_command(const Command& command, const Completed& completed,
                 std::chrono::milliseconds took) {
    log().info("ran in {}: {} (status {}, {} ms)",
               command.directory.empty() ? "." : command.directory.string(),
               to_shell(command.arguments), completed.exit_status, took.count());
}

Result<spdlog::level::level_enum> level_of(std::string_view name) {
    std::vector<std::string> known;
    for (const Level& level : k_levels) {
        if (level.name == name)
            return level.value;
        known.emplace_back(level.name);
    }
    const std::string meant = did_you_mean(name, known);
    return make_error("usage",
                      fmt::format("$UNIK_LOG is '{}', expected {}", name, listing(known, "or")),
                      meant.empty() ? "leave it unset for warnings only" : meant, ExitCode::usage);
}

} // namespace

spdlog::logger& log() {
    static const auto logger = [] {
        auto made = std::make_unique<spdlog::logger>("unik", std::make_shared<ErrorStreamSink>());
        made->set_pattern("%H:%M:%S.%e %l: %v");
        made->set_level(spdlog::level::warn);
        return made;
    }();
    return *logger;
}

Result<void> start_log(const Invocation& invocation) {
    if (invocation.has("verbose"))
        log().set_level(spdlog::level::info);
    if (const char* name = std::getenv("UNIK_LOG"); name != nullptr && name[0] != '\0')
        log().set_level(UNIK_TRY(level_of(name)));
    observe_commands(log_command);
    return {};
}

} // namespace unik::cli
