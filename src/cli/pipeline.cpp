#include <cli/pipeline.hpp>

#include <fmt/format.h>

#include <analysis/analysis.hpp>
#include <bundle/bundle.hpp>
#include <cli/image_record.hpp>
#include <components/selection.hpp>
#include <disk/disk.hpp>
#include <link/kernel.hpp>
#include <rootfs/rootfs.hpp>
#include <unikfile/unikfile.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

Result<unikfile::Manifest> read_manifest(const BuildRequest& request) {
    std::error_code status;
    const fs::path directory = fs::canonical(request.directory, status);
    if (status)
        return file_error("open the project's folder", request.directory, status.value());
    if (!fs::is_directory(directory))
        return make_error("not-a-folder",
                          fmt::format("'{}' is not a folder", request.directory.string()),
                          "give the project's folder; --file names a Unikfile elsewhere");
    // As the user would name it, for diagnostics.
    const fs::path file = request.file.empty()
                              ? (request.directory / "Unikfile").lexically_normal()
                              : request.file;
    if (!fs::exists(file))
        return make_error("no-unikfile", fmt::format("there is no '{}'", file.string()),
                          "'unik init' writes one");
    unikfile::Manifest manifest = UNIK_TRY(unikfile::load(file, directory));
    if (!request.targets.empty())
        manifest.targets = request.targets;
    return manifest;
}

Result<std::vector<const manifests::Target*>> find_targets(const manifests::Catalogue& catalogue,
                                                           const unikfile::Manifest& manifest) {
    std::vector<const manifests::Target*> targets;
    for (const std::string& name : manifest.targets)
        targets.push_back(UNIK_TRY(catalogue.target(name)));
    return targets;
}

// Warnings that the analysis leads to: not errors, but nothing to keep quiet about.
void warn_of_gaps(const analysis::Needs& needs, const components::Selection& selection,
                  const unikfile::Manifest& manifest, Progress& progress) {
    if (!needs.unknown.empty()) {
        Diagnostic diagnostic;
        diagnostic.severity = Severity::note;
        diagnostic.id = "undetermined-syscalls";
        diagnostic.message = fmt::format(
            "the number of {} system call instruction{} could not be determined; the profile of "
            "language '{}' was added",
            needs.unknown.size(), needs.unknown.size() == 1 ? "" : "s", manifest.language);
        progress.warn(diagnostic);
    }
    if (manifest.resources.cpus > 1) {
        Diagnostic diagnostic;
        diagnostic.severity = Severity::warning;
        diagnostic.id = "one-cpu";
        diagnostic.message =
            fmt::format("resources.cpus is {}, but the library OS runs the program "
                        "on one CPU; the others stay idle",
                        manifest.resources.cpus);
        progress.warn(diagnostic);
    }
    static_cast<void>(selection);
}

Result<ByteSpan> boot_record() {
    const manifests::EmbeddedFile* file = manifests::find_embedded("components/boot-bios/object.o");
    if (file == nullptr)
        return make_error("no-boot-record", "this unik carries no BIOS boot record",
                          "it was built without the component boot-bios; build it again");
    return file->bytes;
}

struct Stages {
    const BuildRequest& request;
    const manifests::Catalogue& catalogue;
    Progress& progress;

    Result<toolchain::Application> compile(unikfile::Manifest manifest) {
        toolchain::BuildOptions options;
        options.cache = request.cache;
        options.on_output = [this](std::string_view text) { progress.output(text); };
        return stage(
            progress, "compile",
            [&] { return toolchain::build(catalogue, std::move(manifest), options); },
            [](const toolchain::Application& application) {
                return fmt::format("{}, {}", application.language.name,
                                   to_text(Bytes{application.executable.size()}));
            });
    }

    Result<void> write_disks(const std::vector<const manifests::Target*>& targets,
                             const link::Kernel& kernel, const std::string& name,
                             const fs::path& folder) {
        for (const manifests::Target* target : targets) {
            const std::string file = disk_file_name(*target);
            UNIK_TRY(stage(
                progress, fmt::format("disk {}", target->name),
                [&]() -> Result<void> {
                    disk::DiskInput input;
                    input.kernel = kernel.stripped;
                    input.boot_record = UNIK_TRY(boot_record());
                    input.name = name;
                    input.format = target->disk_format;
                    return disk::write(input, folder / file);
                },
                [&] {
                    std::error_code ignored;
                    return fmt::format("{}, {}", file,
                                       to_text(Bytes{fs::file_size(folder / file, ignored)}));
                }));
        }
        return {};
    }
};

std::string needs_detail(const analysis::Needs& needs) {
    return fmt::format("{} system calls{}{}", needs.syscalls.size(),
                       needs.network ? ", network" : "", needs.threads ? ", threads" : "");
}

struct Linked {
    analysis::Needs needs;
    components::Selection selection;
    link::Kernel kernel;
};

Result<Linked> analyse_and_link(Stages& stages, const toolchain::Application& application,
                                const std::vector<const manifests::Target*>& targets,
                                const std::map<std::string, components::Component>& all) {
    Progress& progress = stages.progress;
    const elf::ElfFile executable = UNIK_TRY(analysis::check_executable(application));
    Linked linked;
    linked.needs = UNIK_TRY(stage(
        progress, "analyse", [&] { return analysis::analyse(executable, application.language); },
        needs_detail));
    linked.selection = UNIK_TRY(stage(
        progress, "select",
        [&] {
            return components::select(all, linked.needs, application.manifest, targets,
                                      application.language);
        },
        [](const components::Selection& selection) {
            return fmt::format("{} components, {} system calls linked", selection.components.size(),
                               selection.syscalls.size());
        }));
    warn_of_gaps(linked.needs, linked.selection, application.manifest, progress);
    const rootfs::RootFs files = UNIK_TRY(stage(
        progress, "files", [&] { return rootfs::build(application); },
        [](const rootfs::RootFs& root) {
            return fmt::format("{} entries, {}", root.file_count,
                               to_text(Bytes{root.archive.size()}));
        }));
    linked.kernel = UNIK_TRY(stage(
        progress, "link",
        [&] {
            return link::link({&linked.selection, &executable, &files, &application.manifest});
        },
        [](const link::Kernel& kernel) {
            return fmt::format("kernel.elf, {}", to_text(Bytes{kernel.stripped.size()}));
        }));
    return linked;
}

fs::path output_path(const BuildRequest& request, const unikfile::Manifest& manifest) {
    return request.output.empty() ? manifest.directory / (manifest.name + ".unik")
                                  : fs::absolute(request.output);
}

} // namespace

Result<BuildOutcome> build_bundle(const BuildRequest& request,
                                  const manifests::Catalogue& catalogue, Progress& progress) {
    const auto start = std::chrono::steady_clock::now();
    Stages stages{request, catalogue, progress};
    unikfile::Manifest manifest = UNIK_TRY(stage(
        progress, "read Unikfile", [&] { return read_manifest(request); },
        [](const unikfile::Manifest& read) { return read.name; }));
    const auto targets = UNIK_TRY(find_targets(catalogue, manifest));
    const auto all = UNIK_TRY(components::load_components());
    const toolchain::Application application = UNIK_TRY(stages.compile(std::move(manifest)));
    const Linked linked = UNIK_TRY(analyse_and_link(stages, application, targets, all));

    BuildOutcome outcome;
    outcome.bundle = output_path(request, application.manifest);
    auto writer = UNIK_TRY(bundle::BundleWriter::create(outcome.bundle));
    UNIK_TRY(write_file(writer.staging() / "kernel.elf", linked.kernel.stripped));
    UNIK_TRY(write_file(writer.staging() / "kernel.debug", linked.kernel.debug));
    UNIK_TRY(
        stages.write_disks(targets, linked.kernel, application.manifest.name, writer.staging()));
    outcome.document = UNIK_TRY(
        image_record({&application, &linked.needs, &linked.selection, &linked.kernel, targets}));
    UNIK_TRY(writer.commit(outcome.document));
    progress.finished(outcome.bundle.string(),
                      std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::steady_clock::now() - start));
    return outcome;
}

} // namespace unik::cli
