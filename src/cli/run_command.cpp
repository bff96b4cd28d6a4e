#include <cli/commands.hpp>

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include <bundle/bundle.hpp>
#include <cli/log.hpp>
#include <cli/pipeline.hpp>
#include <cli/run_options.hpp>
#include <cli/run_reporter.hpp>
#include <cli/session.hpp>
#include <cli/terminal.hpp>
#include <machine/machine.hpp>
#include <support/process.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

// The bundle to run: the one given, or that of the project in the folder given, built now.
Result<fs::path> bundle_to_run(const Invocation& invocation,
                               const manifests::Catalogue& catalogue) {
    const fs::path given = invocation.has("BUNDLE") ? invocation.value("BUNDLE") : ".";
    if (fs::exists(given / "image.json"))
        return given;
    if (!fs::exists(given / "Unikfile"))
        return make_error(
            "no-bundle",
            fmt::format("'{}' holds neither image.json nor a Unikfile", given.string()),
            "name a bundle or a project's folder; 'unik init' writes a Unikfile");
    BuildRequest request;
    request.directory = given;
    const auto progress =
        make_progress(invocation.has("quiet") ? "silent" : "auto",
                      invocation.has("verbose") ? ToolOutput::shown : ToolOutput::hidden);
    return UNIK_TRY(build_bundle(request, catalogue, *progress)).bundle;
}

struct Prepared {
    machine::RunOptions options;
    const manifests::Target* target = nullptr;
};

Result<Prepared> prepare(const Invocation& invocation, const manifests::Catalogue& catalogue) {
    Prepared prepared;
    prepared.options = UNIK_TRY(run_options(invocation));
    prepared.target = UNIK_TRY(find_target(catalogue, invocation.value("target")));
    const fs::path path = UNIK_TRY(bundle_to_run(invocation, catalogue));
    fill_in(prepared.options, invocation, UNIK_TRY(bundle::open(path)));
    prepared.options.bundle = fs::absolute(path);
    return prepared;
}

int print_command(const Prepared& prepared) {
    const auto command = machine::command_line(prepared.options, *prepared.target);
    if (!command.ok())
        return report(command.error());
    print(to_shell(command.value()) + "\n");
    return 0;
}

} // namespace

int run_command(const Invocation& invocation) {
    const auto catalogue = load_catalogue(invocation);
    if (!catalogue.ok())
        return report(catalogue.error());
    const auto prepared = prepare(invocation, catalogue.value());
    if (!prepared.ok())
        return report(prepared.error());
    if (invocation.has("print-command"))
        return print_command(prepared.value());
    if (prepared->options.cpus > 1 && !invocation.has("quiet"))
        print_error(fmt::format("{}: the library OS runs the program on one CPU; the others of {} "
                                "stay idle [one-cpu]\n",
                                tinted(Tint::yellow, "warning"), prepared->options.cpus));
    if (log().should_log(spdlog::level::info))
        if (const auto command = machine::command_line(prepared->options, *prepared->target);
            command.ok())
            log().info("hypervisor: {}", to_shell(command.value()));
    RunReporter reporter(prepared->options,
                         invocation.has("quiet") ? Verbosity::quiet : Verbosity::normal);
    const auto outcome = machine::run(prepared->options, *prepared->target, reporter.listener());
    if (!outcome.ok())
        return report(outcome.error());
    return reporter.conclude(outcome.value());
}

} // namespace unik::cli
