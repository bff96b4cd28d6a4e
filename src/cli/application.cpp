#include <cli/application.hpp>

#include <csignal>
#include <cstring>
#include <exception>

#include <fmt/format.h>

#include <cli/commands.hpp>
#include <cli/help.hpp>
#include <cli/log.hpp>
#include <cli/terminal.hpp>

namespace unik::cli {
namespace {

int dispatch(int argc, char** argv) {
    auto invocation = parse(argc, argv);
    if (!invocation.ok())
        return report(invocation.error());
    if (invocation->has("no-color"))
        set_no_color();
    if (const auto started = start_log(invocation.value()); !started.ok())
        return report(started.error());
    if (invocation->help) {
        print(help_text(*invocation->command));
        return 0;
    }
    return invocation->command->action(*invocation);
}

// A result that did not reach its file is no success.
int checked_output(int exit_code) {
    if (output_failure() == 0 || exit_code != 0)
        return exit_code;
    return report(make_error(
        "file-error",
        fmt::format("cannot write the standard output: {}", std::strerror(output_failure())),
        "what arrived there is incomplete"));
}

} // namespace

int run(int argc, char** argv) {
    // A reader of our output that goes away must not end us before we have tidied up.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return checked_output(dispatch(argc, argv));
    } catch (const std::exception& exception) {
        // Our own code returns Results; what arrives here is memory exhaustion or a library's bug.
        Error error =
            make_error("internal-error",
                       std::string("unik met something it has no answer to: ") + exception.what(),
                       "please report it with the command line that led here");
        return report(error);
    }
}

} // namespace unik::cli
