#include <cli/commands.hpp>

#include <cli/image_report.hpp>
#include <cli/pipeline.hpp>
#include <cli/session.hpp>
#include <cli/terminal.hpp>

namespace unik::cli {

int build_command(const Invocation& invocation) {
    auto catalogue = load_catalogue(invocation);
    if (!catalogue.ok())
        return report(catalogue.error());
    BuildRequest request;
    if (invocation.has("DIR"))
        request.directory = invocation.value("DIR");
    request.file = invocation.value("file");
    request.output = invocation.value("output");
    request.targets = invocation.all("target");
    request.cache = invocation.has("no-cache") ? toolchain::Cache::ignore : toolchain::Cache::use;
    const auto progress =
        make_progress(invocation.has("quiet") ? "quiet" : invocation.value("progress"),
                      invocation.has("verbose") ? ToolOutput::shown : ToolOutput::hidden);
    auto outcome = build_bundle(request, catalogue.value(), *progress);
    if (!outcome.ok())
        return progress->refuse(outcome.error());
    if (invocation.has("explain"))
        print(explanation(outcome->document));
    return 0;
}

} // namespace unik::cli
