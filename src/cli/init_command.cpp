#include <cli/commands.hpp>

#include <array>

#include <cctype>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cli/session.hpp>
#include <cli/terminal.hpp>
#include <support/file.hpp>
#include <toolchain/toolchain.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

// The folder's name with what an image name may not hold turned into dashes.
std::string image_name(const fs::path& directory) {
    std::string name;
    for (const char c : directory.filename().string()) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0)
            name += static_cast<char>(std::tolower(byte));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    while (name.ends_with('-'))
        name.pop_back();
    return name.empty() ? "app" : name;
}

std::string unikfile_text(const std::string& name, const manifests::Language& language) {
    std::string hint;
    if (!language.unikfile_hint.empty())
        hint = language.unikfile_hint + (language.unikfile_hint.ends_with('\n') ? "\n" : "\n\n");
    return fmt::format(R"(# How this application becomes a unikernel image; see Unikfile(5).
# Build it with `unik build`, boot it with `unik run`.
name: {}
version: "0.1.0"

# Detected; `unik languages` lists all.
language: {}

{}# What the program is started with, after its own name.
# args: [--port, "8080"]

# Variables of its environment. Everything here can be read in the image: no secrets.
# env:
#   LOG_LEVEL: info

# Files and folders that go into the image; .unikignore names exceptions.
# files:
#   - from: public
#     to: /srv/www

# Ports that it listens on; `unik run` forwards them.
# expose: [8080]

# resources:
#   memory: 128M
)",
                       name, language.name, hint);
}

// O_EXCL: an existing file is never overwritten, whoever made it in between.
Result<void> write_new(const fs::path& path, const std::string& text) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor < 0 && errno == EEXIST)
        return make_error("unikfile-exists",
                          fmt::format("'{}' exists already and is left as it is", path.string()),
                          "edit it, or remove it first");
    if (descriptor < 0)
        return file_error("write", path, errno);
    const ssize_t put = ::write(descriptor, text.data(), text.size());
    const int reason = errno;
    ::close(descriptor);
    if (put == static_cast<ssize_t>(text.size()))
        return {};
    ::unlink(path.c_str());
    return file_error("write", path, put < 0 ? reason : ENOSPC);
}

Result<std::string> init(const Invocation& invocation) {
    const manifests::Catalogue catalogue = UNIK_TRY(load_catalogue(invocation));
    const fs::path given = invocation.has("DIR") ? invocation.value("DIR") : ".";
    std::error_code status;
    const fs::path directory = fs::canonical(given, status);
    if (status)
        return file_error("open the folder", given, status.value());
    std::string language = invocation.value("language");
    if (language.empty())
        language = UNIK_TRY(toolchain::detect_language(catalogue, directory));
    const auto known = catalogue.language(language);
    if (!known.ok()) {
        Error error = known.error();
        error.exit_code = ExitCode::usage; // the command line named it
        return error;
    }
    const std::string name =
        invocation.has("name") ? invocation.value("name") : image_name(directory);
    const fs::path path = directory / "Unikfile";
    UNIK_TRY(write_new(path, unikfile_text(name, *known.value())));
    return path.string();
}

int init_command(const Invocation& invocation) {
    const auto path = init(invocation);
    if (!path.ok())
        return report(path.error());
    print_error(fmt::format("wrote {}; next: 'unik build', then 'unik run'\n", path.value()));
    return 0;
}

constexpr std::array k_init_options{
    Option{.name = "name",
           .kind = ValueKind::text,
           .value_name = "NAME",
           .description = "The image's name. Default: the folder's."},
    Option{.name = "language",
           .kind = ValueKind::language,
           .value_name = "LANGUAGE",
           .description = "The language, where detection is not wanted."},
};
constexpr std::array k_init_positionals{
    Positional{.name = "DIR",
               .kind = ValueKind::directory,
               .description = "The project's folder. Default: the current one."}};

} // namespace

constinit const CommandSpecification k_init_command{
    .name = "init",
    .summary = "write a Unikfile for the project in a folder",
    .description = "Detects the language and writes a commented Unikfile. An existing one is "
                   "never overwritten.",
    .options = k_init_options,
    .positionals = k_init_positionals,
    .action = init_command};

} // namespace unik::cli
