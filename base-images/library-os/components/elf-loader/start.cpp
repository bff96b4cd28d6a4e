// The last start step: the program in the root file system takes over, or rather the interpreter
// that it names, which loads the libraries. What cannot be started ends the machine with a line
// that names the file, and the exit code that shells give: 127 where something is missing, else
// 126.
#include <configuration/configuration.hpp>
#include <console/console.hpp>
#include <control/control.hpp>
#include <foundation/format.hpp>
#include <linux-process/program.hpp>
#include <vfs/path.hpp>
#include <vocabulary/image_layout.hpp>

#include "load.hpp"

extern "C" const vocabulary::ImageHeader unik_image;

namespace os::elf_loader {

Result<void> start();

namespace {

using linux_process::LoadedProgram;

constexpr int k_not_found = 127;
constexpr int k_cannot_execute = 126;
constexpr std::size_t k_longest_message = 320;

const char* reason_of(Errno error) {
    switch (error) {
    case Errno::enoent: return "missing in the image";
    case Errno::enomem: return "too large for this machine's memory";
    case Errno::eio: return "unreadable: its pages cannot be had from the root file system";
    case Errno::eexist: return "linked to addresses that are in use";
    default: return "nothing that can be run";
    }
}

// what: "the program", "the interpreter of '/bin/app',"
[[noreturn]] void refuse(const char* what, const char* path, Problem problem, int code) {
    console::log("%s '%s' is %s; build the image again", what, path, problem);
    control::exit(code);
}

[[noreturn]] void refuse(const char* what, const char* path, Errno error) {
    refuse(what, path, reason_of(error), error == Errno::enoent ? k_not_found : k_cannot_execute);
}

OpenProgram open_or_refuse(const char* what, const char* path) {
    Result<Opened> opened = open_program(path);
    if (!opened.ok())
        refuse(what, path, opened.error());
    if (opened.value().problem != nullptr)
        refuse(what, path, opened.value().problem, k_cannot_execute);
    return std::move(opened.value().program);
}

void map_or_refuse(const char* what, const char* path, const OpenProgram& program,
                   std::uint64_t base) {
    const Result<void> mapped = map_program(program, base, path);
    if (!mapped.ok())
        refuse(what, path, mapped.error());
}

// The canonical path, as /proc/self/exe tells it on Linux: loaders make $ORIGIN of it. It lives for
// ever, as does what follows.
Result<const char*> canonical_path(const OpenProgram& program) {
    String path = UNIK_TRY(vfs::path_of(*program.file->inode()));
    UNIK_TRY(path.push('\0'));
    return (*UNIK_TRY(try_make<String>(std::move(path))).release()).data();
}

void load_interpreter(const OpenProgram& program, LoadedProgram& out) {
    char what[k_longest_message];
    format(what, sizeof what, "the interpreter of '%s',", out.path);
    Result<String> named = interpreter_of(program);
    if (!named.ok())
        refuse("the program", out.path, "damaged: its interpreter has no name", k_cannot_execute);
    const char* const path = named.value().data();
    const OpenProgram interpreter = open_or_refuse(what, path);
    std::uint64_t base = 0;
    if (interpreter.header.position_independent) {
        const Result<std::uint64_t> found = find_base(interpreter.layout);
        if (!found.ok())
            refuse(what, path, found.error());
        base = found.value();
    }
    const Result<const char*> name = canonical_path(interpreter);
    if (!name.ok())
        refuse(what, path, name.error());
    map_or_refuse(what, name.value(), interpreter, base);
    out.interpreter_base = base;
    out.first_instruction = base + interpreter.header.entry;
}

Result<void> enter(StringView path) {
    return vfs::set_working_directory(UNIK_TRY(vfs::resolve(vfs::k_at_working_directory, path)));
}

// Where the image says that its program starts.
void enter_directory_or_refuse() {
    const StringView path = configuration::setting("directory");
    if (path.size() == 0)
        return;
    const Result<void> entered = enter(path);
    if (!entered.ok())
        refuse("the program's folder", path.data(), entered.error());
}

} // namespace

Result<void> start() {
    constexpr const char* k_what = "the program";
    const char* const path = reinterpret_cast<const char*>(unik_image.program);
    const OpenProgram program = open_or_refuse(k_what, path);
    LoadedProgram loaded;
    loaded.path = UNIK_TRY(canonical_path(program));
    if (program.header.position_independent)
        loaded.base =
            linux_process::pick_base(program.layout.alignment, linux_process::random_number());
    map_or_refuse(k_what, loaded.path, program, loaded.base);
    loaded.entry = loaded.base + program.header.entry;
    loaded.first_instruction = loaded.entry;
    loaded.end = loaded.base + program.layout.end();
    loaded.program_header_count = program.header.program_header_count;
    if (program.layout.program_headers != 0)
        loaded.program_headers = loaded.base + program.layout.program_headers;
    if (program.layout.interpreter_size != 0)
        load_interpreter(program, loaded);
    enter_directory_or_refuse();
    return linux_process::run_program(loaded);
}

} // namespace os::elf_loader
