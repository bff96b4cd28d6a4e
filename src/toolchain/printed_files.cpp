#include <toolchain/printed_files.hpp>

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include <support/utf8.hpp>
#include <unikfile/paths.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_problem_limit = 20;
constexpr std::size_t k_file_limit = 500'000;
constexpr int k_depth_limit = 64; // links that are followed could lead round in a circle
constexpr std::array k_no_files{"/proc", "/sys", "/dev", "/run"};
// Folders of dependencies: what their names begin with is up to others.
constexpr std::array k_dependencies{"node_modules", "vendor"};

bool lies_in(const fs::path& path, const fs::path& folder) {
    return !folder.empty() &&
           std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
               folder.end();
}

// Where the files of one line come from.
struct Origin {
    enum class Kind { project, built, host };
    Kind kind = Kind::host;
    fs::path root;    // links that stay in it are kept
    fs::path project; // the project or its copy, where that is what is walked over
};

class Printed {
public:
    Printed(std::string title, const CollectPlaces& places)
        : title_(std::move(title)), places_(places) {}

    Result<std::vector<CollectedFile>> read(std::string_view text) {
        while (!text.empty() && problems_.diagnostics.size() < k_problem_limit) {
            const std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(line.size() + 1, text.size()));
            ++line_;
            if (!line.empty())
                add_line(line);
        }
        if (!problems_.diagnostics.empty())
            return std::move(problems_);
        std::vector<CollectedFile> out;
        for (auto& [path, file] : files_)
            out.push_back(std::move(file));
        return out;
    }

private:
    void report(std::string id, const std::string& message, std::string hint = {}) {
        if (problems_.diagnostics.size() >= k_problem_limit)
            return;
        problems_.diagnostics.push_back(
            make_error(std::move(id), fmt::format("{}, line {}: {}", title_, line_, message),
                       std::move(hint))
                .diagnostics[0]);
    }

    void add_line(std::string_view line) {
        const std::size_t tab = line.find('\t');
        const fs::path host(line.substr(0, tab));
        const std::string_view given = tab == std::string_view::npos ? line : line.substr(tab + 1);
        const auto image = unikfile::normalise_image_path(given);
        if (!host.is_absolute() || !image.ok()) {
            report("bad-collected-line",
                   fmt::format("expected 'HOST_PATH<TAB>IMAGE_PATH', both absolute, found {}",
                               in_quotes(line)),
                   "correct 'collect' in the language's manifest");
            return;
        }
        std::error_code status;
        const fs::path source = fs::canonical(host, status);
        if (status) {
            report("no-such-file", fmt::format("cannot collect {}: {}", in_quotes(host.string()),
                                               status.message()));
            return;
        }
        origin_ = origin_of(host.lexically_normal());
        origin_.root = fs::is_directory(source, status) ? source : source.parent_path();
        if (!may_take(source)) {
            report_escape(host, source);
            return;
        }
        if (fs::is_directory(source, status))
            add_folder(source, image.value(), 0);
        else
            add_regular(source, image.value());
    }

    Origin origin_of(const fs::path& host) const {
        const fs::path copy = places_.out / "project";
        if (!places_.out.empty() && lies_in(host, copy))
            return {Origin::Kind::built, {}, copy};
        if (lies_in(host, places_.out))
            return {Origin::Kind::built, {}, {}};
        if (lies_in(host, places_.project))
            return {Origin::Kind::project, {}, places_.project};
        return {};
    }

    // path: without symbolic links.
    bool may_take(const fs::path& path) const {
        const bool own = lies_in(path, places_.project) || lies_in(path, places_.out);
        if (origin_.kind != Origin::Kind::host || own)
            return own;
        const bool no_file = std::any_of(k_no_files.begin(), k_no_files.end(),
                                         [&](const char* folder) { return lies_in(path, folder); });
        const bool at_home = lies_in(path, places_.home) && !lies_in(path, places_.runtime_root);
        return !no_file && !at_home;
    }

    void report_escape(const fs::path& path, const fs::path& target) {
        report("path-escapes",
               fmt::format("{} leads to {}, which is no place that files of {} may come from",
                           in_quotes(path.string()), in_quotes(target.string()),
                           origin_.kind == Origin::Kind::host ? "the host" : "the project"),
               "copy what it names into the project");
    }

    bool is_left_out(const fs::path& path) const {
        if (origin_.project.empty())
            return false;
        const fs::path relative = path.lexically_relative(origin_.project);
        const std::string name = path.filename().string();
        const bool at_top = !relative.has_parent_path();
        if (at_top && (name == "Unikfile" || name.ends_with(".unik")))
            return true;
        const bool of_others =
            std::any_of(relative.begin(), relative.end(), [](const fs::path& part) {
                return std::find(k_dependencies.begin(), k_dependencies.end(), part) !=
                       k_dependencies.end();
            });
        return (name.starts_with('.') && !of_others) ||
               places_.ignored.excludes(relative.generic_string());
    }

    void add_folder(const fs::path& folder, const std::string& image, int depth) {
        if (files_.size() >= k_file_limit)
            return;
        if (depth > k_depth_limit) {
            report("path-escapes", fmt::format("{} lies too deep; its links may lead in a circle",
                                               in_quotes(folder.string())));
            return;
        }
        if (image != "/")
            place({CollectedFile::Kind::directory, image, 0755, {}, {}});
        std::vector<fs::directory_entry> entries;
        std::error_code status;
        fs::directory_iterator found(folder, status);
        for (; !status && found != fs::directory_iterator(); found.increment(status))
            entries.push_back(*found);
        if (status)
            report("file-error", fmt::format("cannot read the folder {}: {}",
                                             in_quotes(folder.string()), status.message()));
        std::sort(entries.begin(), entries.end());
        for (const fs::directory_entry& entry : entries)
            if (!is_left_out(entry.path()))
                add_entry(entry,
                          fmt::format("{}/{}", image == "/" ? "" : image,
                                      entry.path().filename().string()),
                          depth + 1);
    }

    void add_entry(const fs::directory_entry& entry, const std::string& image, int depth) {
        std::error_code status;
        const fs::file_type type = entry.symlink_status(status).type();
        if (type == fs::file_type::directory)
            add_folder(entry.path(), image, depth);
        else if (type == fs::file_type::symlink)
            add_link(entry.path(), image, depth);
        else
            add_regular(entry.path(), image);
    }

    void add_link(const fs::path& link, const std::string& image, int depth) {
        std::error_code status;
        const fs::path target = fs::read_symlink(link, status);
        const fs::path resolved = status ? fs::path() : fs::canonical(link, status);
        const bool stays = target.is_relative() &&
                           lies_in((link.parent_path() / target).lexically_normal(), origin_.root);
        // A link that leads nowhere here leads nowhere there.
        if (status || (stays && lies_in(resolved, origin_.root))) {
            place({CollectedFile::Kind::symbolic_link, image, 0777, {}, target.string()});
            return;
        }
        if (!may_take(resolved))
            report_escape(link, resolved);
        else if (fs::is_directory(resolved, status))
            add_folder(resolved, image, depth);
        else
            add_regular(resolved, image);
    }

    void add_regular(const fs::path& file, const std::string& image) {
        std::error_code status;
        const fs::file_status found = fs::symlink_status(file, status);
        if (found.type() != fs::file_type::regular) {
            report("not-a-file", fmt::format("expected a file, a folder or a link at {}, found "
                                             "something else",
                                             in_quotes(file.string())));
            return;
        }
        const bool executable = (found.permissions() & fs::perms::owner_exec) != fs::perms::none;
        place({CollectedFile::Kind::regular, image, executable ? 0755U : 0644U, file, {}});
    }

    void place(CollectedFile file) {
        const auto path = unikfile::normalise_image_path(file.path);
        if (!path.ok()) {
            report(path.error().id, path.error().message, path.error().hint);
            return;
        }
        file.path = path.value();
        for (std::size_t end = file.path.find('/', 1); end != std::string::npos;
             end = file.path.find('/', end + 1))
            put({CollectedFile::Kind::directory, file.path.substr(0, end), 0755, {}, {}});
        put(std::move(file));
    }

    // The same from the same source is no contradiction: scripts may name a file twice.
    void put(CollectedFile file) {
        const auto [there, added] = files_.try_emplace(file.path, file);
        const CollectedFile& first = there->second;
        if (!added && (first.kind != file.kind || first.source != file.source ||
                       first.link_target != file.link_target))
            report("duplicate-path",
                   fmt::format("two sources for {}: {} and {}", in_quotes(file.path),
                               describe(first), describe(file)));
        if (files_.size() == k_file_limit)
            report("too-many-files", fmt::format("more than {} files", k_file_limit));
    }

    static std::string describe(const CollectedFile& file) {
        switch (file.kind) {
        case CollectedFile::Kind::directory: return "a folder";
        case CollectedFile::Kind::symbolic_link:
            return fmt::format("a link to {}", in_quotes(file.link_target));
        case CollectedFile::Kind::regular: break;
        }
        return in_quotes(file.source.string());
    }

    std::string title_;
    const CollectPlaces& places_;
    std::size_t line_ = 0;
    Origin origin_; // of the line being read
    std::map<std::string, CollectedFile> files_;
    Error problems_;
};

} // namespace

Result<std::vector<CollectedFile>> files_printed(std::string_view text, const std::string& title,
                                                 const CollectPlaces& places) {
    return Printed(title, places).read(text);
}

Result<std::vector<CollectedFile>> merge_files(std::vector<CollectedFile> own,
                                               std::vector<CollectedFile> printed) {
    using Kind = CollectedFile::Kind;
    std::map<std::string, CollectedFile> all;
    for (CollectedFile& file : printed)
        all.emplace(file.path, std::move(file));
    Error problems;
    for (CollectedFile& file : own) {
        const auto there = all.find(file.path);
        if (there != all.end() &&
            (there->second.kind == Kind::directory) != (file.kind == Kind::directory))
            problems.diagnostics.push_back(
                make_error("duplicate-path",
                           fmt::format("{} is a folder in one of the Unikfile's files and those "
                                       "that the language brings, and none in the other",
                                       in_quotes(file.path)),
                           "give it another 'to'")
                    .diagnostics[0]);
        else
            all.insert_or_assign(file.path, std::move(file));
    }
    if (!problems.diagnostics.empty())
        return problems;
    std::vector<CollectedFile> out;
    for (auto& [path, file] : all)
        out.push_back(std::move(file));
    return out;
}

} // namespace unik::toolchain
