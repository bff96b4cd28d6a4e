#include <cli/progress.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cli/terminal.hpp>

namespace unik::cli {
namespace {

using std::chrono::milliseconds;

std::string duration(milliseconds took) {
    if (took.count() < 10'000)
        return fmt::format("{} ms", took.count());
    return fmt::format("{:.1f} s", static_cast<double>(took.count()) / 1000.0);
}

// columns: of the terminal; the line is made to fit, so that it can be drawn over.
std::string stage_line(std::string_view mark, std::string_view stage, const std::string& time,
                       std::string_view detail, Tint detail_tint = Tint::plain,
                       std::size_t columns = std::string::npos) {
    constexpr std::size_t k_mark = 2;
    constexpr std::size_t k_time = 9;
    constexpr std::size_t k_gap = 2;
    const std::size_t room = columns - std::min(columns, k_mark + k_time + 1);
    const std::size_t name = std::min<std::size_t>(18, room);
    std::string out =
        fmt::format("{} {:<{}}{:>{}}", mark, stage.substr(0, name), name, time, k_time);
    const std::size_t left = room - name;
    if (!detail.empty() && left > k_gap)
        out += "  " + tinted(detail_tint, detail.substr(0, left - k_gap));
    return out + '\n';
}

class SilentProgress : public Progress {
public:
    void begin(std::string_view) override {}
    void end(std::string_view, milliseconds, std::string_view) override {}
    void fail(std::string_view, milliseconds) override {}
    void output(std::string_view) override {}
    void warn(const Diagnostic& diagnostic) override {
        print_error(to_text(diagnostic, error_colour()));
    }
    void finished(const std::string&, milliseconds) override {}
};

class QuietProgress : public SilentProgress {
public:
    void finished(const std::string& bundle, milliseconds) override { print(bundle + "\n"); }
};

class PlainProgress : public Progress {
public:
    explicit PlainProgress(ToolOutput tool_output) : tool_output_(tool_output) {}
    void begin(std::string_view) override {}
    void end(std::string_view stage, milliseconds took, std::string_view detail) override {
        print_error(stage_line(tinted(Tint::green, "ok  "), stage, duration(took), detail));
    }
    void fail(std::string_view stage, milliseconds took) override {
        print_error(stage_line(tinted(Tint::red, "FAIL"), stage, duration(took), ""));
    }
    void output(std::string_view text) override {
        if (tool_output_ == ToolOutput::shown)
            print_error(text);
    }
    void warn(const Diagnostic& diagnostic) override {
        print_error(to_text(diagnostic, error_colour()));
    }
    void finished(const std::string& bundle, milliseconds took) override {
        print_error(fmt::format("built {} in {}\n", bundle, duration(took)));
    }
    void up_to_date(const std::string& bundle, milliseconds took) override {
        print_error(fmt::format("up to date: {} in {}\n", bundle, duration(took)));
    }

private:
    ToolOutput tool_output_;
};

// The running stage turns a spinner; a finished one stays as a line above it.
class LiveProgress : public Progress {
public:
    explicit LiveProgress(ToolOutput tool_output)
        : tool_output_(tool_output), ticker_([this](std::stop_token stop) { tick(stop); }) {}
    ~LiveProgress() override { ticker_.request_stop(); }

    void begin(std::string_view stage) override {
        const std::lock_guard lock(mutex_);
        running_ = stage;
        started_ = std::chrono::steady_clock::now();
        draw();
    }
    void end(std::string_view stage, milliseconds took, std::string_view detail) override {
        close(stage_line(tinted(Tint::green, "✓"), stage, duration(took), detail, Tint::dim,
                         terminal_width()));
    }
    void fail(std::string_view stage, milliseconds took) override {
        close(stage_line(tinted(Tint::red, "✗"), stage, duration(took), "", Tint::plain,
                         terminal_width()));
    }
    void output(std::string_view text) override {
        if (tool_output_ == ToolOutput::hidden)
            return;
        const std::lock_guard lock(mutex_);
        print_error("\r\033[K" + std::string(text));
    }
    void warn(const Diagnostic& diagnostic) override {
        const std::lock_guard lock(mutex_);
        print_error("\r\033[K" + to_text(diagnostic, error_colour()));
    }
    void finished(const std::string& bundle, milliseconds took) override {
        print_error(fmt::format("{} {} {}\n", tinted(Tint::bold, "built"), bundle,
                                tinted(Tint::dim, "in " + duration(took))));
    }
    void up_to_date(const std::string& bundle, milliseconds took) override {
        print_error(fmt::format("{} {} {}\n", tinted(Tint::bold, "up to date:"), bundle,
                                tinted(Tint::dim, "in " + duration(took))));
    }

private:
    void close(const std::string& line) {
        const std::lock_guard lock(mutex_);
        running_.clear();
        print_error("\r\033[K" + line);
    }
    void draw() {
        constexpr std::array k_frames{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
        if (running_.empty())
            return;
        const auto took =
            std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started_);
        const std::string line = stage_line(tinted(Tint::cyan, k_frames[frame_]), running_,
                                            duration(took), "", Tint::plain, terminal_width());
        print_error("\r\033[K" + line.substr(0, line.size() - 1));
        frame_ = (frame_ + 1) % k_frames.size();
    }
    void tick(const std::stop_token& stop) {
        std::mutex wait_mutex;
        std::unique_lock wait(wait_mutex);
        std::condition_variable_any clock;
        while (!clock.wait_for(wait, stop, milliseconds(100), [] { return false; }) &&
               !stop.stop_requested()) {
            const std::lock_guard lock(mutex_);
            draw();
        }
    }

    ToolOutput tool_output_;
    std::mutex mutex_;
    std::string running_;
    std::chrono::steady_clock::time_point started_;
    std::size_t frame_ = 0;
    std::jthread ticker_;
};

class JsonProgress : public Progress {
public:
    void begin(std::string_view stage) override { line({{"event", "begin"}, {"stage", stage}}); }
    void end(std::string_view stage, milliseconds took, std::string_view detail) override {
        line({{"event", "end"}, {"stage", stage}, {"ms", took.count()}, {"detail", detail}});
    }
    void fail(std::string_view stage, milliseconds took) override {
        line({{"event", "fail"}, {"stage", stage}, {"ms", took.count()}});
    }
    void output(std::string_view text) override { line({{"event", "output"}, {"text", text}}); }
    void warn(const Diagnostic& diagnostic) override {
        line({{"event", "warning"},
              {"id", diagnostic.id},
              {"message", diagnostic.message},
              {"hint", diagnostic.hint}});
    }
    void finished(const std::string& bundle, milliseconds took) override {
        line({{"event", "built"}, {"bundle", bundle}, {"ms", took.count()}});
    }
    void up_to_date(const std::string& bundle, milliseconds took) override {
        line({{"event", "up-to-date"}, {"bundle", bundle}, {"ms", took.count()}});
    }
    // On stdout for programs, on stderr for whoever reads their log.
    int refuse(const Error& error) override {
        for (const Diagnostic& diagnostic : error.diagnostics)
            line({{"event", "error"},
                  {"id", diagnostic.id},
                  {"message", diagnostic.message},
                  {"hint", diagnostic.hint},
                  {"notes", diagnostic.notes},
                  {"file", diagnostic.where.file},
                  {"line", diagnostic.where.line},
                  {"column", diagnostic.where.column}});
        return Progress::refuse(error);
    }

private:
    static void line(const nlohmann::json& object) {
        print(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
};

} // namespace

void Progress::up_to_date(const std::string& bundle, milliseconds took) {
    finished(bundle, took);
}

int Progress::refuse(const Error& error) {
    return report(error);
}

std::unique_ptr<Progress> make_progress(std::string_view how, ToolOutput tool_output) {
    if (how == "silent")
        return std::make_unique<SilentProgress>();
    if (how == "quiet")
        return std::make_unique<QuietProgress>();
    if (how == "json")
        return std::make_unique<JsonProgress>();
    if (how == "auto" && error_is_terminal())
        return std::make_unique<LiveProgress>(tool_output);
    return std::make_unique<PlainProgress>(tool_output);
}

} // namespace unik::cli
