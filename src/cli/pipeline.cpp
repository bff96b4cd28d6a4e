#include <cli/pipeline.hpp>

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <analysis/analysis.hpp>
#include <bundle/bundle.hpp>
#include <cache/rebuild.hpp>
#include <cli/image_record.hpp>
#include <cli/images.hpp>
#include <cli/log.hpp>
#include <components/selection.hpp>
#include <components/suitability.hpp>
#include <disk/disk.hpp>
#include <efi/kernel_file.hpp>
#include <link/kernel.hpp>
#include <rootfs/rootfs.hpp>
#include <support/text.hpp>
#include <unikfile/unikfile.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_boot_record = "boot-bios";
constexpr std::string_view k_linux_setup = "linux-setup";

// "virtualbox" is where "virtualbox:ova" is.
bool is_among(const std::string& target, const std::vector<std::string>& targets) {
    return std::any_of(targets.begin(), targets.end(), [&](const std::string& other) {
        return other == target || other.substr(0, other.find(':')) == target;
    });
}

Result<unikfile::Manifest> read_manifest(const BuildRequest& request) {
    std::error_code status;
    const fs::path directory = fs::canonical(request.directory, status);
    if (status) {
        Error error = file_error("open the project's folder", request.directory, status.value());
        error.diagnostics[0].hint = "give the folder that holds the Unikfile";
        return error;
    }
    if (!fs::is_directory(directory))
        return make_error("not-a-folder",
                          fmt::format("'{}' is not a folder", request.directory.string()),
                          "give the project's folder; --file names a Unikfile elsewhere");
    // As the user would name it, for diagnostics.
    const fs::path file =
        request.file.empty() ? (request.directory / "Unikfile").lexically_normal() : request.file;
    unikfile::Manifest manifest = UNIK_TRY(unikfile::load(file, directory));
    if (!request.targets.empty()) {
        manifest.targets = request.targets;
        std::erase_if(manifest.references, [](const unikfile::Reference& reference) {
            return reference.kind == unikfile::Reference::Kind::target;
        });
    }
    for (const std::string& target : request.also)
        if (!is_among(target, manifest.targets))
            manifest.targets.push_back(target);
    return manifest;
}

using Components = std::map<std::string, components::Component>;

Result<void> check_component(const Components& all, const std::string& name) {
    if (all.contains(name))
        return {};
    std::vector<std::string> names;
    for (const auto& [known, component] : all)
        names.push_back(known);
    const std::string meant = did_you_mean(name, names);
    return make_error("unknown-component", fmt::format("unknown component '{}'", name),
                      meant.empty() ? "'unik components' lists what there is" : meant);
}

// Every name in the Unikfile that this unik does not know, before anything is compiled.
Result<void> check_references(const unikfile::Manifest& manifest,
                              const manifests::Catalogue& catalogue, const Components& all) {
    Error problems;
    const auto note = [&](const auto& found, const SourceSpan& where) {
        if (found.ok())
            return;
        problems.diagnostics.push_back(found.error().diagnostics.at(0));
        problems.diagnostics.back().where = where;
    };
    for (const unikfile::Reference& reference : manifest.references) {
        switch (reference.kind) {
        case unikfile::Reference::Kind::language:
            note(catalogue.language(reference.name), reference.where);
            break;
        case unikfile::Reference::Kind::target:
            note(catalogue.target_image(reference.name), reference.where);
            break;
        case unikfile::Reference::Kind::component:
            note(check_component(all, reference.name), reference.where);
            break;
        }
    }
    if (!problems.diagnostics.empty())
        return problems;
    return {};
}

// Warnings that the analysis leads to: not errors, but nothing to keep quiet about.
void warn_of_gaps(const analysis::Needs& needs,
                  const std::vector<const manifests::Target*>& targets,
                  const unikfile::Manifest& manifest, Progress& progress) {
    const auto warn = [&](Severity severity, std::string id, std::string message) {
        Diagnostic diagnostic;
        diagnostic.severity = severity;
        diagnostic.id = std::move(id);
        diagnostic.message = std::move(message);
        progress.warn(diagnostic);
    };
    if (!needs.unknown.empty())
        warn(Severity::note, "undetermined-syscalls",
             fmt::format(
                 "the number of {} system call instruction{} could not be determined; the profile "
                 "of language '{}' was added",
                 needs.unknown.size(), needs.unknown.size() == 1 ? "" : "s", manifest.language));
    if (manifest.resources.cpus > 1)
        warn(Severity::warning, "one-cpu",
             fmt::format("resources.cpus is {}, but the library OS runs the program on one CPU; "
                         "the others stay idle",
                         manifest.resources.cpus));
    for (const manifests::Target* target : targets)
        if (needs.network && target->networks.empty())
            warn(Severity::warning, "no-network",
                 fmt::format("the program makes network calls, and the target '{}' has no network "
                             "card that unik drives: it will find no network there",
                             target->name));
}

Result<ByteSpan> flat_binary(std::string_view component) {
    const manifests::EmbeddedFile* file =
        manifests::find_embedded(fmt::format("components/{}/object.o", component));
    if (file == nullptr)
        return make_error("no-boot-record",
                          fmt::format("this unik carries no component '{}'", component),
                          "it was built without it; build it again");
    return file->bytes;
}

bool is_selected(const components::Selection& selection, std::string_view name) {
    return std::any_of(
        selection.components.begin(), selection.components.end(),
        [&](const components::Selected& selected) { return selected.component->name == name; });
}

struct Stages {
    const BuildRequest& request;
    const manifests::Catalogue& catalogue;
    Progress& progress;
    std::optional<cache::Rebuild> rebuild; // nothing with --no-cache

    Result<toolchain::Application> compile(unikfile::Manifest manifest) {
        toolchain::BuildOptions options;
        options.cache = request.cache;
        options.on_output = [this](std::string_view text) { progress.output(text); };
        options.on_inputs = [this](std::vector<fs::path> inputs) {
            if (rebuild)
                rebuild->set_inputs(std::move(inputs));
        };
        return stage(
            progress, "compile",
            [&] { return toolchain::build(catalogue, std::move(manifest), options); },
            [](const toolchain::Application& application) {
                return fmt::format("{}, {}", application.language.name,
                                   to_text(Bytes{application.executable.size()}));
            });
    }

    // The kernel as a file that firmware and loaders take.
    Result<ByteVector> kernel_file(const link::Kernel& kernel,
                                   const components::Selection& selection,
                                   const std::string& name) {
        const elf::ElfFile parsed = UNIK_TRY(elf::ElfFile::parse(kernel.stripped, "kernel.elf"));
        efi::KernelFileInput input;
        input.kernel = &parsed;
        if (is_selected(selection, k_linux_setup))
            input.linux_setup = UNIK_TRY(flat_binary(k_linux_setup));
        input.name = name;
        return efi::make_kernel_file(input);
    }

    Result<void> write_disks(const Images& images, ByteSpan kernel_file, const rootfs::RootFs& root,
                             const unikfile::Manifest& manifest, const fs::path& folder) {
        disk::DiskInput input;
        input.kernel_file = kernel_file;
        input.boot_record = UNIK_TRY(flat_binary(k_boot_record));
        input.name = manifest.name;
        input.esp_size = manifest.resources.esp;
        if (root.place == vocabulary::RootPlace::disk)
            input.root = {root.bytes(), root.hashes.blocks, root.hashes.root};
        disk::Layout layout = UNIK_TRY(disk::lay_out(input));
        return write_images(layout, images, manifest, folder, progress);
    }
};

std::string needs_detail(const analysis::Needs& needs) {
    return fmt::format("{} system calls{}{}", needs.syscalls.size(),
                       needs.network ? ", network" : "", needs.threads ? ", threads" : "");
}

std::string root_detail(const rootfs::RootFs& root) {
    if (root.place == vocabulary::RootPlace::none)
        return "none";
    return fmt::format("{} entries, {}, {}", root.file_count, to_text(Bytes{root.bytes().size()}),
                       root.place == vocabulary::RootPlace::disk ? "on the disk" : "embedded");
}

struct Linked {
    analysis::Needs needs;
    rootfs::RootFs root;
    components::Selection selection;
    link::Kernel kernel;
};

Result<Linked> analyse_and_link(Stages& stages, const toolchain::Application& application,
                                const std::vector<const manifests::Target*>& targets,
                                const Components& all, const fs::path& staging) {
    Progress& progress = stages.progress;
    std::optional<elf::ElfFile> executable;
    Linked linked;
    linked.root = UNIK_TRY(stage(
        progress, "files", [&] { return rootfs::build(application, staging); }, root_detail));
    UNIK_TRY(components::check_root(application.manifest, linked.root.place, targets));
    linked.needs = UNIK_TRY(stage(
        progress, "analyse",
        [&]() -> Result<analysis::Needs> {
            executable = UNIK_TRY(analysis::check_executable(application));
            if (executable->has_interpreter())
                UNIK_TRY(analysis::check_libraries(application));
            return analysis::analyse(*executable, application.language);
        },
        needs_detail));
    linked.selection = UNIK_TRY(stage(
        progress, "select",
        [&] {
            return components::select(all, linked.needs, application.manifest, targets,
                                      application.language, linked.root.place);
        },
        [](const components::Selection& selection) {
            return fmt::format("{} components, {} system calls linked", selection.components.size(),
                               selection.syscalls.size());
        }));
    warn_of_gaps(linked.needs, targets, application.manifest, progress);
    linked.kernel = UNIK_TRY(stage(
        progress, "link",
        [&] {
            return link::link(
                {&linked.selection, &*executable, &linked.root, &application.manifest});
        },
        [](const link::Kernel& kernel) {
            return fmt::format("kernel.elf, {}", to_text(Bytes{kernel.stripped.size()}));
        }));
    return linked;
}

Result<bundle::BundleWriter> create_writer(const fs::path& path) {
    auto writer = bundle::BundleWriter::create(path);
    if (writer.ok() || !writer.error().diagnostics[0].hint.empty())
        return writer;
    Error error = writer.error();
    error.diagnostics[0].hint = "choose another place with --output";
    return error;
}

fs::path output_path(const BuildRequest& request, const unikfile::Manifest& manifest) {
    return request.output.empty() ? manifest.directory / (manifest.name + ".unik")
                                  : fs::absolute(request.output);
}

// The record of a bundle that stays as it is; one that cannot be read is built anew.
bool read_record(BuildOutcome& outcome) {
    auto image = bundle::open(outcome.bundle);
    if (image.ok())
        outcome.document = std::move(image->document);
    return image.ok();
}

} // namespace

Result<BuildOutcome> build_bundle(const BuildRequest& request,
                                  const manifests::Catalogue& catalogue, Progress& progress) {
    const auto start = std::chrono::steady_clock::now();
    const auto took = [start] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - start);
    };
    Stages stages{request, catalogue, progress, {}};
    const Components all = UNIK_TRY(components::load_components());
    unikfile::Manifest manifest = UNIK_TRY(stage(
        progress, "read Unikfile",
        [&]() -> Result<unikfile::Manifest> {
            unikfile::Manifest read = UNIK_TRY(read_manifest(request));
            UNIK_TRY(check_references(read, catalogue, all));
            return read;
        },
        [](const unikfile::Manifest& read) { return read.name; }));
    const Images images = UNIK_TRY(find_images(catalogue, manifest.targets));
    const auto targets = targets_of(images);
    UNIK_TRY(components::check_suitable(manifest, targets));
    log().debug("cache: {}", request.cache == toolchain::Cache::use
                                 ? "the project's work folder is used again where it is there"
                                 : "--no-cache: a fresh work folder");
    BuildSigning signing = UNIK_TRY(BuildSigning::create(request.signing, manifest));
    BuildOutcome outcome;
    outcome.bundle = output_path(request, manifest);
    log().debug("bundle: {}", outcome.bundle.string());
    if (request.cache == toolchain::Cache::use)
        stages.rebuild.emplace(
            cache::Situation{manifest, &catalogue, outcome.bundle, signing.fingerprint()});
    if (stages.rebuild && stages.rebuild->is_unchanged() && read_record(outcome)) {
        progress.up_to_date(outcome.bundle.string(), took());
        return outcome;
    }
    UNIK_TRY(signing.unlock());
    const toolchain::Application application = UNIK_TRY(stages.compile(std::move(manifest)));
    UNIK_TRY(signing.check_files(application));
    if (stages.rebuild && stages.rebuild->is_same_link(application) && read_record(outcome)) {
        stages.rebuild->remember(application);
        progress.up_to_date(outcome.bundle.string(), took());
        return outcome;
    }
    auto writer = UNIK_TRY(create_writer(outcome.bundle));
    const Linked linked =
        UNIK_TRY(analyse_and_link(stages, application, targets, all, writer.staging()));
    UNIK_TRY(write_file(writer.staging() / "kernel.elf", linked.kernel.stripped));
    if (stages.rebuild)
        stages.rebuild->set_made(writer.staging());
    UNIK_TRY(write_file(writer.staging() / "kernel.debug", linked.kernel.debug));
    const ByteVector kernel_file = UNIK_TRY(signing.sign_kernel(
        UNIK_TRY(stages.kernel_file(linked.kernel, linked.selection, application.manifest.name))));
    UNIK_TRY(write_file(writer.staging() / "kernel.efi", kernel_file));
    UNIK_TRY(stages.write_disks(images, kernel_file, linked.root, application.manifest,
                                writer.staging()));
    outcome.document = UNIK_TRY(image_record(
        {&application, &linked.needs, &linked.selection, &linked.kernel, &linked.root, images}));
    UNIK_TRY(writer.commit(outcome.document, [&](const fs::path& record) -> Result<void> {
        return signing.signs_bundle()
                   ? stage(
                         progress, "sign", [&] { return signing.sign_record(record); },
                         [] { return std::string("image.json"); })
                   : Result<void>();
    }));
    if (stages.rebuild)
        stages.rebuild->remember(application);
    progress.finished(outcome.bundle.string(), took());
    return outcome;
}

} // namespace unik::cli
