#include <toolchain/libraries.hpp>

#include <algorithm>
#include <cctype>
#include <deque>
#include <fstream>
#include <optional>
#include <set>

#include <elf/dynamic_section.hpp>
#include <elf/elf_file.hpp>
#include <elf/layout.hpp>
#include <fmt/format.h>

#include <support/utf8.hpp>
#include <toolchain/image_tree.hpp>
#include <toolchain/library_cache.hpp>
#include <toolchain/loader.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_most_bytes{1ULL << 30};
constexpr Bytes k_largest_list{64 << 20};
constexpr std::size_t k_most_problems = 50;
constexpr std::size_t k_longest_chain = 20;
constexpr const char* k_cache_path = "/etc/ld.so.cache";

// An ELF file of the image that a loader would read.
struct Object {
    std::string path; // as it was found: $ORIGIN is its folder
    fs::path source;
    elf::DynamicSection dynamic;
    const Object* needed_by = nullptr; // null: the program, or a module of the image
};

bool is_elf(const fs::path& file) {
    char magic[sizeof elf::k_magic] = {};
    std::ifstream stream(file, std::ios::binary);
    stream.read(magic, sizeof magic);
    return stream &&
           std::equal(std::begin(magic), std::end(magic), elf::k_magic,
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

std::string folder_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

// Debian's rule for the package of a library (Policy, 8.1): libfoo.so.1 is in libfoo1,
// libfoo2.so.1 in libfoo2-1.
std::string debian_package(std::string_view name) {
    const std::size_t dot = name.find(".so.");
    if (dot == std::string_view::npos)
        return {};
    std::string package(name.substr(0, dot));
    const std::string_view version = name.substr(dot + 4);
    if (!package.empty() && std::isdigit(static_cast<unsigned char>(package.back())) != 0)
        package += '-';
    package += version;
    std::transform(package.begin(), package.end(), package.begin(), [](unsigned char c) {
        return static_cast<char>(c == '_' ? '-' : std::tolower(c));
    });
    return package;
}

class Closure {
public:
    Closure(std::vector<CollectedFile> files, const LibrarySearch& search)
        : tree_(std::move(files)), search_(search) {}

    Result<std::vector<CollectedFile>> run() {
        UNIK_TRY(add_loader());
        for (const std::string& name : search_.opened_by_name)
            add_opened(name);
        UNIK_TRY(follow_all());
        UNIK_TRY(add_modules());
        if (!problems_.diagnostics.empty())
            return std::move(problems_);
        UNIK_TRY(add_cache());
        return tree_.files();
    }

private:
    struct Found {
        std::string path;
        const CollectedFile* file = nullptr;
    };

    // The program, its interpreter, and the folders that this one would search.
    Result<void> add_loader() {
        const CollectedFile* program = tree_.find(search_.program);
        elf::ElfFile file = UNIK_TRY(read(program->source));
        const std::string& interpreter = file.interpreter();
        const CollectedFile* loader = tree_.take(interpreter);
        if (loader == nullptr) {
            problem(interpreter, fmt::format("'{}' needs as its loader", search_.program), {}, {});
            return std::move(problems_);
        }
        const ByteVector bytes = UNIK_TRY(read_file(loader->source, k_most_bytes));
        loader_ = describe_loader(interpreter, bytes);
        explain(loader->path, fmt::format("loader of '{}'", search_.program));
        seen_.insert(loader->path);
        const elf::ElfFile loader_file = UNIK_TRY(elf::ElfFile::parse(bytes, loader->source));
        known_.insert(UNIK_TRY(elf::read_dynamic_section(loader_file)).soname);
        UNIK_TRY(read_folders());
        program_ = UNIK_TRY(add_object({search_.program, program}, file, nullptr));
        return {};
    }

    Result<void> read_folders() {
        folders_ = loader_.folders;
        if (loader_.path_file.empty()) {
            const auto bytes = read_file(search_.host_cache, k_largest_list);
            if (bytes.ok())
                cache_ = read_library_cache(bytes.value());
            return {};
        }
        if (const CollectedFile* list = tree_.take(loader_.path_file)) {
            const std::string text = UNIK_TRY(read_text_file(list->source, k_largest_list));
            folders_ = split_folders(text);
            explain(list->path, "tells the loader where libraries are");
        }
        return {};
    }

    static Result<elf::ElfFile> read(const fs::path& source) {
        return elf::ElfFile::parse(UNIK_TRY(read_file(source, k_most_bytes)), source.string());
    }

    void explain(const std::string& path, std::string reason) {
        reasons_.try_emplace(path, std::move(reason));
    }

    Result<const Object*> add_object(const Found& found, const elf::ElfFile& file,
                                     const Object* needed_by) {
        objects_.push_back(
            {found.path, found.file->source, UNIK_TRY(elf::read_dynamic_section(file)), needed_by});
        seen_.insert(found.file->path);
        return &objects_.back();
    }

    // Needs of all objects that are there, and of those that come in with them.
    Result<void> follow_all() {
        for (; followed_ < objects_.size(); ++followed_) {
            const Object& object = objects_[followed_];
            for (const std::string& name : object.dynamic.needed)
                UNIK_TRY(follow(name, object));
        }
        return {};
    }

    Result<void> follow(const std::string& name, const Object& object) {
        if (known_.contains(name) || is_built_in(loader_, name))
            return {};
        std::vector<std::string> looked;
        const std::optional<Found> found = look_for(name, object, looked);
        if (!found) {
            problem(name, fmt::format("'{}' needs", object.path), chain_of(object), looked);
            return {};
        }
        explain(found->file->path, fmt::format("needed by '{}'", object.path));
        return take_in(name, *found, &object);
    }

    // Names are known for good only while the program itself is loaded: modules are opened in any
    // order, and each may bring its own library of the same name.
    Result<void> take_in(const std::string& name, const Found& found, const Object* needed_by) {
        if (program_loading_)
            known_.insert(name);
        if (seen_.contains(found.file->path))
            return {};
        const elf::ElfFile file = UNIK_TRY(read(found.file->source));
        const Object* object = UNIK_TRY(add_object(found, file, needed_by));
        if (program_loading_ && !object->dynamic.soname.empty())
            known_.insert(object->dynamic.soname);
        return {};
    }

    void add_opened(const std::string& wanted) {
        const bool optional = wanted.ends_with('?');
        const std::string name = optional ? wanted.substr(0, wanted.size() - 1) : wanted;
        if (known_.contains(name) || is_built_in(loader_, name))
            return;
        std::vector<std::string> looked;
        const std::optional<Found> found = look_for(name, *program_, looked);
        if (!found && optional)
            return;
        const auto taken = found ? take_in(name, *found, program_) : Result<void>();
        if (!found || !taken.ok()) {
            problem(name, "the language opens by its name", {}, looked);
            return;
        }
        explain(found->file->path, "opened by name");
    }

    // Shared objects and executables that came with the image's files.
    Result<void> add_modules() {
        program_loading_ = false;
        for (const CollectedFile& file : tree_.files()) {
            if (file.kind != CollectedFile::Kind::regular || seen_.contains(file.path) ||
                !is_elf(file.source))
                continue;
            const auto module = read(file.source);
            if (!module.ok() || module->machine() != elf::k_machine_x86_64 ||
                module->type() == elf::FileType::relocatable)
                continue;
            auto dynamic = elf::read_dynamic_section(*module);
            if (!dynamic.ok() || is_for_other_library(dynamic->needed))
                continue;
            UNIK_TRY(add_object({file.path, tree_.find(file.path)}, *module, nullptr));
            UNIK_TRY(follow_all());
        }
        return {};
    }

    bool is_for_other_library(const std::vector<std::string>& needed) const {
        return loader_.kind == LoaderKind::glibc &&
               std::any_of(needed.begin(), needed.end(), [](const std::string& name) {
                   return name.starts_with("libc.musl-") || name == "libc.so";
               });
    }

    // --- where to look ---

    // One of the image's files, else one of the host's.
    std::optional<Found> look_at(const std::string& path, const fs::path& on_host) {
        const CollectedFile* file = tree_.find(path);
        if (file != nullptr)
            return is_library(file->source) ? std::optional<Found>({path, file}) : std::nullopt;
        std::error_code status;
        const fs::path source = fs::canonical(on_host, status);
        if (status || !is_library(source))
            return std::nullopt;
        file = on_host == path ? tree_.take(path) : tree_.place(path, source);
        return file != nullptr ? std::optional<Found>({path, file}) : std::nullopt;
    }

    // The loader passes over files for other machines.
    static bool is_library(const fs::path& source) {
        std::error_code status;
        if (!fs::is_regular_file(source, status) || !is_elf(source))
            return false;
        const auto file = read(source);
        return !file.ok() || file->machine() == elf::k_machine_x86_64;
    }

    std::optional<Found> look_in(const std::string& folder, const std::string& name,
                                 const Object* origin, std::vector<std::string>& looked) {
        const std::string in_image =
            expand_tokens(loader_, folder, origin != nullptr ? folder_of(origin->path) : "");
        if (!in_image.starts_with('/'))
            return std::nullopt; // relative to a working directory that nobody knows
        const std::string on_host = expand_tokens(
            loader_, folder, origin != nullptr ? origin->source.parent_path().string() : "");
        if (std::find(looked.begin(), looked.end(), in_image) == looked.end())
            looked.push_back(in_image);
        return look_at(fs::path(in_image + "/" + name).string(), fs::path(on_host + "/" + name));
    }

    std::optional<Found> look_along(const std::string& list, const std::string& name,
                                    const Object* origin, std::vector<std::string>& looked) {
        for (const std::string& folder : split_folders(list))
            if (auto found = look_in(folder, name, origin, looked))
                return found;
        return std::nullopt;
    }

    std::optional<Found> look_for(const std::string& name, const Object& object,
                                  std::vector<std::string>& looked) {
        if (name.find('/') != std::string::npos) {
            const std::string path = expand_tokens(loader_, name, folder_of(object.path));
            const std::string on_host =
                expand_tokens(loader_, name, object.source.parent_path().string());
            return path.starts_with('/') ? look_at(path, on_host) : std::nullopt;
        }
        std::optional<Found> found = loader_.kind == LoaderKind::musl
                                         ? look_as_musl(name, object, looked)
                                         : look_as_glibc(name, object, looked);
        if (!found && !object.dynamic.no_default_folders)
            found = look_in_defaults(name, looked);
        return found;
    }

    std::optional<Found> look_as_musl(const std::string& name, const Object& object,
                                      std::vector<std::string>& looked) {
        if (auto found = look_along(search_.library_path, name, nullptr, looked))
            return found;
        for (const Object* at = &object; at != nullptr; at = at->needed_by) {
            const elf::DynamicSection& dynamic = at->dynamic;
            const std::string& list = dynamic.runpath.empty() ? dynamic.rpath : dynamic.runpath;
            if (auto found = look_along(list, name, at, looked))
                return found;
        }
        return std::nullopt;
    }

    std::optional<Found> look_as_glibc(const std::string& name, const Object& object,
                                       std::vector<std::string>& looked) {
        if (object.dynamic.runpath.empty()) {
            bool program_seen = false;
            for (const Object* at = &object; at != nullptr; at = at->needed_by) {
                program_seen |= at == program_;
                if (!at->dynamic.runpath.empty())
                    continue;
                if (auto found = look_along(at->dynamic.rpath, name, at, looked))
                    return found;
            }
            if (!program_seen && program_ != nullptr && program_->dynamic.runpath.empty())
                if (auto found = look_along(program_->dynamic.rpath, name, program_, looked))
                    return found;
        }
        if (auto found = look_along(search_.library_path, name, nullptr, looked))
            return found;
        return look_along(object.dynamic.runpath, name, &object, looked);
    }

    std::optional<Found> look_in_defaults(const std::string& name,
                                          std::vector<std::string>& looked) {
        // The image's own files first: its cache names none of the host's that they replace.
        for (const std::string& folder : folders_) {
            const std::string path = fmt::format("{}/{}", folder, name);
            const CollectedFile* file = tree_.find(path);
            if (file != nullptr && is_library(file->source))
                return Found{path, file};
        }
        if (const auto known = cache_.find(name); known != cache_.end()) {
            const std::string folder = folder_of(known->second);
            const bool is_default =
                std::find(folders_.begin(), folders_.end(), folder) != folders_.end();
            if (auto found = look_at(known->second, known->second)) {
                if (!is_default)
                    cached_.emplace(name, known->second);
                return found;
            }
        }
        for (const std::string& folder : folders_)
            if (auto found = look_in(folder, name, nullptr, looked))
                return found;
        return std::nullopt;
    }

    // --- what comes of it ---

    static std::vector<std::string> chain_of(const Object& object) {
        std::vector<std::string> chain;
        for (const Object* at = &object; at->needed_by != nullptr; at = at->needed_by)
            if (chain.size() < k_longest_chain)
                chain.push_back(
                    fmt::format("'{}' is needed by '{}'", at->path, at->needed_by->path));
        return chain;
    }

    // who: "'/bin/app' needs"
    void problem(const std::string& name, const std::string& who, std::vector<std::string> notes,
                 const std::vector<std::string>& looked) {
        if (problems_.diagnostics.size() >= k_most_problems)
            return;
        const std::string package = debian_package(name);
        std::string hint = package.empty()
                               ? fmt::format("on Debian 'apt-file search {}' tells which package "
                                             "brings it",
                                             name)
                               : fmt::format("on Debian: apt-get install {} (by the naming rule; "
                                             "'apt-file search {}' tells for certain)",
                                             package, name);
        Error error =
            make_error("missing-library",
                       fmt::format("{} the library {}, which was not found", who, in_quotes(name)),
                       hint + ", or put it into 'files'");
        std::string places;
        for (const std::string& folder : looked)
            places += (places.empty() ? "looked in " : ", ") + folder;
        if (!places.empty())
            notes.push_back(places);
        error.diagnostics[0].notes = std::move(notes);
        problems_.diagnostics.push_back(std::move(error.diagnostics[0]));
    }

    // The loader's index of what lies in none of its own folders, and why each file is there.
    Result<void> add_cache() {
        if (!cached_.empty() && tree_.find(k_cache_path) == nullptr) {
            const fs::path file = search_.folder / "ld.so.cache";
            UNIK_TRY(write_file(file, ByteSpan(write_library_cache(cached_))));
            static_cast<void>(tree_.place(k_cache_path, file));
            explain(k_cache_path, "tells the loader where libraries are");
        }
        tree_.explain(reasons_);
        return {};
    }

    ImageTree tree_;
    const LibrarySearch& search_;
    Loader loader_;
    std::vector<std::string> folders_; // searched last
    LibraryCache cache_;               // the host's
    LibraryCache cached_;              // what the image's own has to tell
    std::deque<Object> objects_;       // addresses stay
    std::size_t followed_ = 0;
    const Object* program_ = nullptr;
    bool program_loading_ = true;
    std::set<std::string> known_; // names that the loader has met
    std::set<std::string> seen_;  // files of the image whose needs are known
    std::map<std::string, std::string> reasons_;
    Error problems_;
};

} // namespace

Result<void> add_libraries(std::vector<CollectedFile>& files, const LibrarySearch& search) {
    files = UNIK_TRY(Closure(files, search).run());
    return {};
}

} // namespace unik::toolchain
