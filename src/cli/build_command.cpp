#include <cli/commands.hpp>

#include <array>

#include <cli/image_report.hpp>
#include <cli/passphrase.hpp>
#include <cli/pipeline.hpp>
#include <cli/session.hpp>
#include <cli/signing.hpp>
#include <cli/terminal.hpp>

namespace unik::cli {

namespace {

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
    auto signing = signing_request(invocation);
    if (!signing.ok())
        return report(signing.error());
    request.signing = std::move(signing).value();
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

constexpr std::array k_build_options{
    Option{.name = "file",
           .letter = 'f',
           .kind = ValueKind::file,
           .value_name = "FILE",
           .description = "The Unikfile, where it is not DIR/Unikfile."},
    Option{.name = "output",
           .letter = 'o',
           .kind = ValueKind::directory,
           .value_name = "BUNDLE",
           .description = "The bundle folder to write. Default: DIR/NAME.unik."},
    Option{.name = "target",
           .letter = 't',
           .kind = ValueKind::target,
           .value_name = "TARGET",
           .description = "A hypervisor to write a disk for, instead of the Unikfile's targets.",
           .repeat = Repeat::many},
    Option{.name = "progress",
           .kind = ValueKind::choice,
           .value_name = "HOW",
           .description =
               "How stages are shown: a live list on a terminal and plain lines elsewhere "
               "(auto), plain lines, or one JSON object a line on stdout.",
           .choices = "auto|plain|json",
           .fallback = "auto"},
    Option{.name = "no-cache",
           .description = "Build in a fresh folder, with nothing left of earlier builds."},
    k_sign_key,
    k_passphrase_file,
    k_secure_boot_key,
    k_secure_boot_certificate,
    Option{.name = "no-sign",
           .description = "Leave the image unsigned, whatever the Unikfile says."},
    Option{.name = "explain",
           .description = "Print why each component is in the image, and what the analysis found."},
    Option{
        .name = "quiet", .letter = 'q', .description = "Print the bundle's path and nothing else."},
    Option{.name = "verbose",
           .letter = 'v',
           .description = "Show the tools that run, with their output (also: $UNIK_LOG)."},
};
constexpr std::array k_build_positionals{
    Positional{.name = "DIR",
               .kind = ValueKind::directory,
               .description = "The project's folder. Default: the current one."},
};
constexpr std::array k_build_examples{
    Example{"unik build", "build the project in this folder"},
    Example{"unik build -o /tmp/web.unik web", "build ./web into /tmp/web.unik"},
    Example{"unik build --sign-key release.key", "sign the bundle as the last step"},
    Example{"unik build --explain", "say why each component is in the image"},
};

constexpr std::string_view k_bundle_section = R"(# BUNDLE
A bundle is a folder with image.json (the record of the build), kernel.elf (the kernel with the
application, without symbols), kernel.efi (the same in the form that UEFI firmware, Linux loaders and
the disks' boot record take; every disk holds it), kernel.debug (with symbols, for crash reports and
gdb) and disk-TARGET.EXT for each target.

The bundle is written beside its place and swapped in as a whole: an interrupted build leaves the
old one. Same inputs give the same bytes; SOURCE_DATE_EPOCH is honoured.

# SIGNING
With --sign-key, or `sign: {key: …}` in the Unikfile, image.json is signed as the last step; it holds a
digest of each file, so that image.json.minisig covers the bundle. A signature that cannot be made
leaves the old bundle. With a Secure Boot key the kernel is signed for UEFI firmware before it goes onto
the disks. unik-keygen(1) says how keys are handed over in CI; unik-secure-boot-keys(1) makes those for
Secure Boot. No key and no passphrase gets into the image, a message or the record of the build.

# PROGRESS FOR PROGRAMS
With --progress json each line on stdout is an object with a text "event": "begin" and "end" or
"fail" of a "stage", "output" of a tool, "warning" and "error" with "id", "message" and "hint", and
at last "built" or "up-to-date" with the path of the "bundle". Errors also go to stderr as text.

# BUILDING AGAIN
A build that would make what is there already says "up to date" and leaves the bundle alone. It
compares the Unikfile, the project's files, the headers and libraries that the tools read, the tools,
the environment, unik itself and the bundle with the record that the last build left in
$XDG_CACHE_HOME/unik. A project with a Makefile, a CMakeLists.txt or a build command of its own runs
these each time, since only they know what they read; when the program comes out the same, the rest
is left out. --no-cache does neither, and starts from an empty work folder.)";

} // namespace

constinit const CommandSpecification k_build_command{
    .name = "build",
    .summary = "build a bundle from a project with a Unikfile",
    .description = "Compiles the program with its language's own tools, works out what it asks "
                   "of an operating system, links it with those components of the library OS, "
                   "and writes a bootable disk for each target.",
    .options = k_build_options,
    .positionals = k_build_positionals,
    .examples = k_build_examples,
    .sections = k_bundle_section,
    .action = build_command};

} // namespace unik::cli
