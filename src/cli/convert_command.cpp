#include <cli/commands.hpp>

#include <algorithm>
#include <array>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <bundle/bundle.hpp>
#include <cli/convert_names.hpp>
#include <cli/terminal.hpp>
#include <cli/verification.hpp>
#include <disk/formats.hpp>
#include <disk/image_reader.hpp>
#include <support/text.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

Error wrong_usage(std::string message, std::string hint = {}) {
    return make_error("usage", std::move(message), std::move(hint), ExitCode::usage);
}

// The file that is read, opened once: a policy's check and the conversion see the same bytes.
struct Input {
    OpenFile file;
    fs::path named; // as the user named it: the file or its bundle
    disk::Appliance appliance;
};

// The disk of a bundle: that of --target, else any, since all hold the same. Some containers make
// it larger or are slow to read; raw and qcow2 are neither.
Result<std::string> disk_of(const bundle::Image& image, const std::string& target,
                            const fs::path& path) {
    std::vector<std::string> names;
    std::string usual;
    for (const auto& [name, file] : image.disks) {
        if (!target.empty() && (name == target || name.starts_with(target + ':')))
            return file;
        if (usual.empty() || name.ends_with(":raw") || name.ends_with(":qcow2"))
            usual = file;
        names.push_back(name);
    }
    if (target.empty() && !usual.empty())
        return usual;
    return make_error("no-disk",
                      names.empty()
                          ? fmt::format("the bundle '{}' has no disk", path.string())
                          : fmt::format("the bundle '{}' has no disk for '{}', expected {}",
                                        path.string(), target, listing(names)),
                      "'unik build --target' makes one");
}

Result<Input> bundle_input(const Invocation& invocation, const fs::path& path) {
    const std::string target = invocation.value("target");
    const auto wanted = [&](const bundle::Image& image, const std::string& name) {
        const auto disk = disk_of(image, target, path);
        return disk.ok() && disk.value() == name;
    };
    auto verified = UNIK_TRY(admit_bundle(invocation, sign::Use::convert, path, wanted));
    const bundle::Image image = verified ? verified->image : UNIK_TRY(bundle::open(path));
    const std::string name = UNIK_TRY(disk_of(image, target, path));
    Input input{verified ? std::move(verified->files.at(name))
                         : UNIK_TRY(OpenFile::open(path / name)),
                path,
                {}};
    input.appliance.name = image.name;
    input.appliance.version = image.version;
    input.appliance.memory = image.memory;
    input.appliance.cpus = image.cpus;
    return input;
}

Result<Input> open_input(const Invocation& invocation) {
    const fs::path path = invocation.value("IMAGE");
    if (is_bundle(path))
        return bundle_input(invocation, path);
    if (invocation.has("target"))
        return wrong_usage("--target chooses a disk of a bundle, but the input is a file");
    Input input{UNIK_TRY(admit_file(invocation, sign::Use::convert, path)), path, {}};
    input.appliance.name = without_extension(path.filename().string());
    return input;
}

Result<disk::Image> open_image(const Invocation& invocation, const OpenFile& file) {
    const int descriptor = ::fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0)
        return file_error("read", file.name(), errno);
    disk::ContentPtr content = UNIK_TRY(disk::adopt_file(descriptor, file.name()));
    if (!invocation.has("from"))
        return disk::Image::open(std::move(content));
    return disk::Image::open(std::move(content),
                             *UNIK_TRY(disk::find_format(invocation.value("from"))));
}

// An existing file is replaced when the new one is whole. What is no file is left alone: the new
// one would take the place of a device's name.
Result<fs::path> output_path(const Invocation& invocation, const Input& input,
                             const disk::Format& format) {
    const fs::path path = invocation.has("output") ? fs::path(invocation.value("output"))
                                                   : output_beside(input.named, format.extension);
    struct stat there {};
    if (::stat(path.c_str(), &there) != 0)
        return path;
    struct stat read {};
    if (::fstat(input.file.descriptor(), &read) != 0)
        return file_error("read", input.named, errno);
    std::error_code ignored;
    if ((there.st_dev == read.st_dev && there.st_ino == read.st_ino) ||
        fs::equivalent(path, input.named, ignored))
        return wrong_usage(fmt::format("the output '{}' is the input itself", path.string()),
                           "choose another place with --output");
    if (!S_ISREG(there.st_mode))
        return make_error(
            "not-a-file",
            fmt::format("the output '{}' exists and is not a regular file", path.string()),
            "write a file; 'dd' or the hypervisor's tools copy it to a device");
    return path;
}

Result<disk::Compression> compression_of(const Invocation& invocation, const disk::Format& format) {
    if (!invocation.has("compress"))
        return format.compressions.front();
    const std::string wanted = invocation.value("compress");
    std::vector<std::string> known;
    for (const disk::Compression compression : format.compressions) {
        if (wanted == to_text(compression))
            return compression;
        known.emplace_back(to_text(compression));
    }
    return wrong_usage(fmt::format("'{}' is not compressed by '{}', expected {}", format.name,
                                   wanted, listing(known)));
}

// The share that is done, on a terminal alone.
class Meter {
public:
    explicit Meter(Bytes size) : size_(size), shown_(error_is_terminal()) {}
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    ~Meter() {
        if (percent_ >= 0)
            print_error("\r\033[K");
    }
    void show(Bytes position) {
        if (!shown_ || size_.value == 0)
            return;
        const int percent = static_cast<int>(100.0 * static_cast<double>(position.value) /
                                             static_cast<double>(size_.value));
        if (percent != percent_)
            print_error(fmt::format("\r\033[Kconverting {} %", percent));
        percent_ = percent;
    }

private:
    Bytes size_;
    bool shown_;
    int percent_ = -1;
};

struct Converted {
    std::string from;
    std::string to;
    fs::path path;
    Bytes disk;  // as it was read
    Bytes grown; // as it was written
    Bytes file;
};

// Sizes that differ by less than a sector are no growth worth a word.
bool has_grown(const Converted& done) {
    return done.grown.value >= done.disk.value + 512;
}

Result<Converted> convert(const Invocation& invocation) {
    if (!invocation.has("to"))
        return wrong_usage("the format to convert to is missing",
                           "give it with --to; 'unik help convert' lists them");
    const disk::Format& format = *UNIK_TRY(disk::find_format(invocation.value("to")));
    disk::WriteOptions options;
    options.compression = UNIK_TRY(compression_of(invocation, format));
    const Input input = UNIK_TRY(open_input(invocation));
    const disk::Image image = UNIK_TRY(open_image(invocation, input.file));
    const fs::path path = UNIK_TRY(output_path(invocation, input, format));
    options.file_name = path.filename().string();
    options.appliance = input.appliance;
    options.durability = Durability::cached; // as of a copy: the input is still there
    Meter meter(image.size());
    options.on_progress = [&](Bytes position) { meter.show(position); };
    UNIK_TRY(disk::write_image(image.content(), format, options, path));
    std::error_code ignored;
    return Converted{
        image.format(), std::string(format.name),     path,
        image.size(),   format.size_on(image.size()), Bytes{fs::file_size(path, ignored)}};
}

std::string description(const Converted& done) {
    std::string text = fmt::format("wrote {}: {} from {}, a disk of {} in a file of {}\n",
                                   printable(done.path.string()), done.to, done.from,
                                   to_text(done.grown), to_text(done.file));
    if (has_grown(done))
        text += fmt::format("note: the disk grew from {} to {}\n", to_text(done.disk),
                            to_text(done.grown));
    return text;
}

int convert_command(const Invocation& invocation) {
    const auto done = convert(invocation);
    if (!done.ok())
        return report(done.error());
    if (invocation.has("json")) {
        const nlohmann::json document{{"path", done->path.string()},
                                      {"from", done->from},
                                      {"to", done->to},
                                      {"disk_bytes", done->grown.value},
                                      {"file_bytes", done->file.value}};
        print(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    } else if (invocation.has("quiet")) {
        print(done->path.string() + "\n");
    } else {
        print_error(description(done.value()));
    }
    return 0;
}

constexpr std::array k_convert_options{
    Option{.name = "to",
           .kind = ValueKind::choice,
           .value_name = "FORMAT",
           .description = "The format to write; FORMATS lists them.",
           .choices = k_convert_formats},
    Option{.name = "output",
           .letter = 'o',
           .kind = ValueKind::file,
           .value_name = "FILE",
           .description = "The file to write; an existing one is replaced once the new one is "
                          "whole. Default: beside the input, with the format's extension."},
    Option{.name = "compress",
           .kind = ValueKind::choice,
           .value_name = "METHOD",
           .description = "How the data is packed: in qcow2 not at all, or by zlib or zstd. Other "
                          "formats leave no choice.",
           .choices = "none|zlib|zstd"},
    Option{.name = "from",
           .kind = ValueKind::choice,
           .value_name = "FORMAT",
           .description = "The input's format. Default: what its content looks like. Say 'raw' for "
                          "a raw disk whose content others control.",
           .choices = k_convert_formats},
    Option{.name = "target",
           .kind = ValueKind::target,
           .value_name = "TARGET",
           .description = "Of a bundle, the disk that was built for this target. Default: any; "
                          "they hold the same."},
    k_policy,
    Option{.name = "quiet", .letter = 'q', .description = "Print the file's path alone."},
    k_json,
};

constexpr std::array k_convert_positionals{
    Positional{.name = "IMAGE",
               .kind = ValueKind::file,
               .description = "A disk image in any of the formats, or a bundle.",
               .required = true},
};

constexpr std::array k_convert_examples{
    Example{"unik convert web.unik --to vdi", "web.vdi, for VirtualBox"},
    Example{"unik convert disk.vmdk --to qcow2 --compress zstd -o small.qcow2",
            "another's image, packed"},
};

} // namespace

constinit const CommandSpecification k_convert_command{
    .name = "convert",
    .summary = "write a disk image in another hypervisor's format",
    .description =
        "Reads the disk in an image, whatever wrote it, and writes it in another format. Zeros are "
        "left out wherever the format allows it. The same disk gives the same bytes: ids derive "
        "from the content, times are fixed.\n\n"
        "Images with a parent or backing file, snapshots, encryption or a log that was not played "
        "back are refused. What is damaged is refused with what was expected and found.",
    .options = k_convert_options,
    .positionals = k_convert_positionals,
    .examples = k_convert_examples,
    .sections =
        "# FORMATS\n"
        "raw: the disk byte for byte, zeros as holes of the file.\n\n"
        "qcow2: QEMU's own format, version 3; versions 2 and 3 are read.\n\n"
        "vmdk: VMware's format for use, one growing file (monolithicSparse).\n\n"
        "vmdk-stream: VMware's format for transport, packed by zlib (streamOptimized).\n\n"
        "vdi: VirtualBox's format, one growing file.\n\n"
        "vhd: Hyper-V's older format, one growing file of up to 2040 GiB; whole MiB.\n\n"
        "vhd-fixed: the whole disk with a footer, as Azure takes it; whole MiB.\n\n"
        "vhdx: Hyper-V's format, one growing file of up to 64 TiB.\n\n"
        "ova: the description of a machine with its disk, for VirtualBox and VMware. Memory and "
        "CPUs are the bundle's; of a file, 256 MiB and one.\n\n"
        "gce: the archive that Google Compute Engine imports; whole GiB.\n\n"
        "iso: a CD that boots under BIOS and UEFI; only of disks that unik built.\n\n"
        "Where a format wants whole MiB or GiB, the disk grows and its backup partition table "
        "moves "
        "to the new end.",
    .action = convert_command};

} // namespace unik::cli
