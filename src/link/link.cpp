// The linker works in a folder of its own and sees relative names only, so nothing of where the
// build happened gets into its output.
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <link/image_data.hpp>
#include <link/kernel.hpp>
#include <link/linker_script.hpp>
#include <link/stripped_elf.hpp>
#include <support/process.hpp>

namespace unik::link {
namespace {

constexpr Bytes k_most_kernel{2ULL << 30};
constexpr char k_script[] = "kernel.ld";
constexpr char k_output[] = "kernel.debug";
constexpr std::string_view k_linkers[] = {"ld.lld", "ld"};

// The sections that the script places; an allocated one beside them was forgotten there.
constexpr std::string_view k_sections[] = {".text", ".rodata", ".note", ".data", ".bss"};

// What is linked: the boot record's binary stands on the disk instead.
components::Selection without_boot_records(const components::Selection& selection) {
    components::Selection linked = selection;
    std::erase_if(linked.components, [](const components::Selected& selected) {
        return selected.component->boot_record;
    });
    return linked;
}

Result<std::string> find_linker() {
    for (const std::string_view linker : k_linkers)
        if (find_program(linker))
            return std::string(linker);
    return make_error("missing-tool", "no linker is installed; expected ld.lld or ld",
                      "install it: apt-get install lld", ExitCode::missing_tool);
}

Result<void> run_linker(const std::filesystem::path& folder,
                        const components::Selection& selection) {
    Command command;
    command.directory = folder;
    command.environment = {{"LC_ALL", "C"}};
    command.arguments = {UNIK_TRY(find_linker()),
                         "-m",
                         "elf_x86_64",
                         "-static",
                         "-nostdlib",
                         "--gc-sections",
                         "--build-id=none",
                         "-z",
                         "max-page-size=4096",
                         "-z",
                         "noexecstack",
                         "-z",
                         "norelro",
                         "-T",
                         k_script,
                         "-o",
                         k_output};
    for (const components::Selected& selected : selection.components)
        command.arguments.push_back(selected.component->name + ".o");
    command.arguments.push_back(k_data_object);
    auto completed = run_successfully(command, "link-failed");
    if (completed.ok())
        return {};
    Error error = std::move(completed).error();
    if (error.diagnostics[0].id == "link-failed")
        error.diagnostics[0].hint = "the components of this unik do not fit together; "
                                    "'--explain' shows why each is in";
    return error;
}

// The folder goes away with the link: nothing has to reach the disk.
Result<void> write_scratch(const std::filesystem::path& path, const void* data, std::size_t size) {
    std::ofstream file(path, std::ios::binary);
    file.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
    file.close();
    if (!file)
        return file_error("write", path, errno);
    return {};
}

Result<void> write_inputs(const std::filesystem::path& folder, const LinkInput& input,
                          const std::string& script, const ByteVector& data_object) {
    for (const components::Selected& selected : input.selection->components) {
        const ByteSpan object = selected.component->object;
        UNIK_TRY(write_scratch(folder / (selected.component->name + ".o"), object.data(),
                               object.size()));
    }
    UNIK_TRY(write_scratch(folder / k_data_object, data_object.data(), data_object.size()));
    return write_scratch(folder / k_script, script.data(), script.size());
}

Result<void> check_sections(const elf::ElfFile& linked) {
    constexpr std::uint64_t k_allocated = 2;
    for (const elf::Section& section : linked.sections()) {
        const bool known = std::find(std::begin(k_sections), std::end(k_sections), section.name) !=
                               std::end(k_sections) ||
                           section.name.starts_with(k_segment_section);
        if ((section.flags & k_allocated) != 0 && section.size > 0 && !known)
            return make_error(
                "link-failed",
                fmt::format("the section '{}' has no place in the image's layout", section.name),
                "a component uses a section that src/link does not know");
    }
    return {};
}

// Marks and other symbols of the script by name.
std::map<std::string, std::uint64_t> script_symbols(const elf::ElfFile& linked) {
    std::map<std::string, std::uint64_t> symbols;
    for (const elf::Symbol& symbol : linked.symbols())
        if (symbol.name.starts_with("unik_"))
            symbols[symbol.name] = symbol.address;
    return symbols;
}

std::vector<ComponentSize> measure(const LinkInput& input, const elf::ElfFile& linked) {
    auto symbols = script_symbols(linked);
    std::vector<ComponentSize> sizes;
    for (std::size_t i = 0; i < input.selection->components.size(); ++i) {
        Bytes size;
        for (const char* part : k_parts)
            size.value += symbols[part_mark(part, i + 1)] - symbols[part_mark(part, i)];
        sizes.push_back({input.selection->components[i].component->name, size});
    }
    Bytes application;
    for (const elf::Segment& segment : loaded_segments(*input.executable))
        application.value += segment.file_size;
    sizes.push_back({"tables", {symbols["unik_tables_end"] - symbols["unik_tables_start"]}});
    sizes.push_back({"application", application});
    const bool embedded = input.rootfs->place == vocabulary::RootPlace::embedded;
    const std::size_t root = embedded ? input.rootfs->bytes().size() : 0;
    sizes.push_back({"files", {root}});
    return sizes;
}

} // namespace

Result<Kernel> link(const LinkInput& given) {
    const components::Selection selection = without_boot_records(*given.selection);
    LinkInput input = given;
    input.selection = &selection;

    StringPool strings;
    const ByteVector configuration = configuration_records(*input.manifest);
    Kernel kernel;
    kernel.linker_script = write_linker_script(input, strings, configuration.size());
    const ByteVector data_object = make_data_object(input, strings, configuration);

    const TemporaryDirectory folder = UNIK_TRY(TemporaryDirectory::create("unik-link-"));
    UNIK_TRY(write_inputs(folder.path(), input, kernel.linker_script, data_object));
    UNIK_TRY(run_linker(folder.path(), selection));
    kernel.debug = UNIK_TRY(read_file(folder.path() / k_output, k_most_kernel));

    const elf::ElfFile linked = UNIK_TRY(elf::ElfFile::parse(kernel.debug, k_output));
    UNIK_TRY(check_sections(linked));
    kernel.stripped = strip(linked);
    kernel.sizes = measure(input, linked);
    return kernel;
}

} // namespace unik::link
