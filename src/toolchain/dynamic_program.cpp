#include <toolchain/dynamic_program.hpp>

#include <algorithm>

#include <elf/elf_file.hpp>
#include <toolchain/libraries.hpp>

namespace unik::toolchain {

Result<void> add_dynamic_parts(Application& application, const std::filesystem::path& folder) {
    const auto file =
        elf::ElfFile::parse(application.executable, application.executable_path.string());
    if (!file.ok() || !file->has_interpreter())
        return {};
    LibrarySearch search;
    search.program = application.manifest.entrypoint;
    search.folder = folder;
    search.opened_by_name = application.language.libraries;
    for (const auto& [name, value] : application.manifest.environment)
        if (name == "LD_LIBRARY_PATH")
            search.library_path = value;
    CollectedFile program;
    program.path = search.program;
    program.mode = 0755;
    program.source = application.executable_path;
    program.reason = "the program";
    std::vector<CollectedFile> files = application.files;
    std::erase_if(files, [&](const CollectedFile& other) { return other.path == program.path; });
    files.push_back(std::move(program));
    UNIK_TRY(add_libraries(files, search));
    application.files = std::move(files);
    return {};
}

} // namespace unik::toolchain
