// Nothing outside the project may come into an image unseen. A source path is resolved with all its
// symbolic links and must lie in the project; below it no link is followed, and a link is kept only
// when what it names lies in the project too. Modes are made the same for every umask: 0755 for
// what its owner may execute, else 0644, as version control does. A name with '*', '?' or '[' that
// no file has is a pattern.
#include <toolchain/collect.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <support/utf8.hpp>
#include <toolchain/glob.hpp>
#include <toolchain/ignore.hpp>
#include <unikfile/paths.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_problem_limit = 50;

bool lies_in(const fs::path& path, const fs::path& folder) {
    const auto [end, ignored] =
        std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return end == folder.end();
}

std::string relative_text(const fs::path& path, const fs::path& folder) {
    return path.lexically_relative(folder).generic_string();
}

bool is_pattern(std::string_view path) {
    return path.find_first_of("*?[") != std::string_view::npos;
}

// The folders at the front of a pattern whose names hold nothing special.
std::string fixed_part(std::string_view pattern) {
    const std::size_t slash = pattern.substr(0, pattern.find_first_of("*?[\\")).rfind('/');
    return std::string(pattern.substr(0, slash == std::string_view::npos ? 0 : slash));
}

class Collector {
public:
    Collector(const unikfile::Manifest& manifest, fs::path project, IgnoreRules rules)
        : manifest_(manifest), project_(std::move(project)), rules_(std::move(rules)),
          bundle_(project_ / (manifest.name + ".unik")) {}

    Result<std::vector<CollectedFile>> run() {
        for (const unikfile::FileEntry& entry : manifest_.files) {
            where_ = entry.where;
            add_entry(entry);
        }
        where_ = {};
        check_entrypoint();
        if (!problems_.diagnostics.empty())
            return std::move(problems_);
        std::vector<CollectedFile> out;
        for (auto& [path, file] : files_)
            out.push_back(std::move(file));
        return out;
    }

private:
    void report(std::string id, std::string message, std::string hint = {}) {
        if (problems_.diagnostics.size() >= k_problem_limit)
            return;
        Error error = make_error(std::move(id), std::move(message), std::move(hint));
        error.diagnostics[0].where = where_;
        error.diagnostics[0].where.file = manifest_.file.string();
        problems_.diagnostics.push_back(std::move(error.diagnostics[0]));
    }

    void add_entry(const unikfile::FileEntry& entry) {
        std::error_code status;
        const fs::path source = fs::canonical(project_ / entry.from, status);
        if (status == std::errc::no_such_file_or_directory && is_pattern(entry.from)) {
            add_matches(entry);
            return;
        }
        if (status == std::errc::no_such_file_or_directory) {
            report("no-such-file",
                   fmt::format("expected {} in the project, found nothing there",
                               in_quotes(entry.from)),
                   "paths in 'files' are relative to the folder of the Unikfile");
            return;
        }
        if (status) {
            report("file-error",
                   fmt::format("cannot read {}: {}", in_quotes(entry.from), status.message()));
            return;
        }
        if (!lies_in(source, project_)) {
            report("path-escapes",
                   fmt::format("{} leads out of the project, to {}", in_quotes(entry.from),
                               in_quotes(source.string())),
                   "copy what it names into the project");
            return;
        }
        if (entry.from != "." && rules_.excludes(entry.from)) {
            report(
                "ignored-file",
                fmt::format("{} is in 'files' and left out by .unikignore", in_quotes(entry.from)),
                fmt::format("remove it from one of the two, or add '!{}' to .unikignore",
                            entry.from));
            return;
        }
        const bool inside = entry.to.ends_with('/') && entry.to != "/";
        std::string to = entry.to;
        if (inside)
            to.pop_back();
        if (fs::is_directory(source, status)) {
            add_folder(source, to, entry);
            return;
        }
        if (inside || to == "/")
            to = (to == "/" ? "" : to) + "/" + fs::path(entry.from).filename().string();
        add_file(fs::directory_entry(source, status), to, entry);
    }

    // What a pattern matches keeps its path from the first folder on whose name is in the pattern.
    void add_matches(const unikfile::FileEntry& entry) {
        const auto pattern = Glob::compile(entry.from);
        if (!pattern) {
            report("bad-pattern",
                   fmt::format("expected a pattern, found {}", in_quotes(entry.from)),
                   "close each '[', and put something behind each backslash");
            return;
        }
        std::error_code status;
        const std::string above = fixed_part(entry.from);
        const fs::path folder = fs::canonical(project_ / above, status);
        if (!status && !lies_in(folder, project_)) {
            report("path-escapes",
                   fmt::format("{} leads out of the project, to {}", in_quotes(above),
                               in_quotes(folder.string())),
                   "copy what it names into the project");
            return;
        }
        std::string to = entry.to;
        if (to.ends_with('/'))
            to.pop_back();
        if (status || !add_matching(folder, above, to, *pattern, entry))
            report("no-such-file",
                   fmt::format("expected files that match {}, found none", in_quotes(entry.from)),
                   "'*' stays within a folder, '**' goes through all; what .unikignore names does "
                   "not count");
    }

    // path: of the folder as the pattern sees it. Whether anything matched.
    bool add_matching(const fs::path& folder, const std::string& path, const std::string& to,
                      const Glob& pattern, const unikfile::FileEntry& entry) {
        bool any = false;
        for (const fs::directory_entry& child : content_of(folder)) {
            const std::string name = child.path().filename().string();
            const std::string child_path = path.empty() ? name : fmt::format("{}/{}", path, name);
            const std::string child_to = fmt::format("{}/{}", to, name);
            std::error_code status;
            const bool is_folder = child.symlink_status(status).type() == fs::file_type::directory;
            const bool excluded = rules_.excludes(relative_text(child.path(), project_));
            const bool matches = !excluded && pattern.matches(child_path);
            if (child.path() == bundle_ || (excluded && !rules_.has_exceptions()))
                continue;
            if (matches && is_folder)
                add_folder(child.path(), child_to, entry);
            else if (matches)
                add_file(child, child_to, entry);
            else if (is_folder)
                any |= add_matching(child.path(), child_path, child_to, pattern, entry);
            any |= matches;
        }
        return any;
    }

    // Sorted, so that problems come in the same order everywhere.
    std::vector<fs::directory_entry> content_of(const fs::path& folder) {
        std::vector<fs::directory_entry> out;
        std::error_code status;
        fs::directory_iterator entries(folder, status);
        for (; !status && entries != fs::directory_iterator(); entries.increment(status))
            out.push_back(*entries);
        if (status)
            report("file-error",
                   fmt::format("cannot read the folder {}: {}",
                               in_quotes(relative_text(folder, project_)), status.message()));
        std::sort(out.begin(), out.end());
        return out;
    }

    void add_folder(const fs::path& folder, const std::string& to,
                    const unikfile::FileEntry& entry) {
        if (to != "/")
            place({CollectedFile::Kind::directory, to, 0755, {}, {}}, folder);
        for (const fs::directory_entry& child : content_of(folder)) {
            const std::string path = relative_text(child.path(), project_);
            const std::string child_to =
                fmt::format("{}/{}", to == "/" ? "" : to, child.path().filename().string());
            std::error_code status;
            const bool is_folder = child.symlink_status(status).type() == fs::file_type::directory;
            if (child.path() == bundle_)
                continue;
            const bool excluded = rules_.excludes(path);
            if (is_folder && excluded && rules_.has_exceptions())
                add_exceptions(child.path(), child_to, entry);
            else if (is_folder && !excluded)
                add_folder(child.path(), child_to, entry);
            else if (!excluded)
                add_file(child, child_to, entry);
        }
    }

    // What comes back from a folder that is left out; the folder itself only with it.
    void add_exceptions(const fs::path& folder, const std::string& to,
                        const unikfile::FileEntry& entry) {
        for (const fs::directory_entry& child : content_of(folder)) {
            const std::string child_to = fmt::format("{}/{}", to, child.path().filename().string());
            std::error_code status;
            const bool is_folder = child.symlink_status(status).type() == fs::file_type::directory;
            const bool excluded = rules_.excludes(relative_text(child.path(), project_));
            if (is_folder && excluded)
                add_exceptions(child.path(), child_to, entry);
            else if (is_folder)
                add_folder(child.path(), child_to, entry);
            else if (!excluded)
                add_file(child, child_to, entry);
        }
    }

    void add_file(const fs::directory_entry& file, const std::string& to,
                  const unikfile::FileEntry& entry) {
        std::error_code status;
        const fs::file_status state = file.symlink_status(status);
        if (state.type() == fs::file_type::symlink) {
            add_link(file.path(), to);
            return;
        }
        if (state.type() != fs::file_type::regular) {
            report("not-a-file",
                   fmt::format("expected a file, a folder or a link at {}, found something else",
                               in_quotes(relative_text(file.path(), project_))),
                   "sockets, pipes and devices cannot go into an image: name it in .unikignore");
            return;
        }
        const bool executable = (state.permissions() & fs::perms::owner_exec) != fs::perms::none;
        const unsigned mode = entry.mode.value_or(executable ? 0755 : 0644);
        place({CollectedFile::Kind::regular, to, mode, file.path(), {}}, file.path());
    }

    void add_link(const fs::path& link, const std::string& to) {
        std::error_code status;
        const std::string shown = in_quotes(relative_text(link, project_));
        const fs::path target = fs::read_symlink(link, status);
        if (status) {
            report("file-error", fmt::format("cannot read {}: {}", shown, status.message()));
            return;
        }
        const fs::path named = fs::weakly_canonical(link.parent_path() / target, status);
        const fs::path resolved = status ? (link.parent_path() / target).lexically_normal() : named;
        if (target.is_absolute() || !lies_in(resolved, project_)) {
            report("path-escapes",
                   fmt::format("the link {} leads out of the project, to {}", shown,
                               in_quotes(target.string())),
                   "make it relative to a file in the project, or name it in .unikignore");
            return;
        }
        place({CollectedFile::Kind::symbolic_link, to, 0777, {}, target.string()}, link);
    }

    void place(CollectedFile file, const fs::path& source) {
        auto path = unikfile::normalise_image_path(file.path);
        if (!path.ok()) {
            report(path.error().id, path.error().message, path.error().hint);
            return;
        }
        file.path = std::move(path).value();
        const bool folder = file.kind == CollectedFile::Kind::directory;
        if (!place_parents(file.path))
            return;
        if (file.path == manifest_.entrypoint) {
            report("duplicate-path",
                   fmt::format("{} would take the place of the program at {}",
                               in_quotes(relative_text(source, project_)), file.path),
                   "choose another 'to', or another 'entrypoint'");
            return;
        }
        const auto [existing, added] = files_.try_emplace(file.path, file);
        if (added || (folder && existing->second.kind == CollectedFile::Kind::directory))
            return;
        report("duplicate-path",
               fmt::format("two sources for {}: {} is the second", in_quotes(file.path),
                           in_quotes(relative_text(source, project_))),
               "give each its own 'to'");
    }

    bool place_parents(const std::string& path) {
        for (std::size_t end = path.find('/', 1); end != std::string::npos;
             end = path.find('/', end + 1)) {
            const std::string parent = path.substr(0, end);
            const auto [existing, added] = files_.try_emplace(
                parent, CollectedFile{CollectedFile::Kind::directory, parent, 0755, {}, {}});
            if (existing->second.kind == CollectedFile::Kind::directory &&
                parent != manifest_.entrypoint)
                continue;
            report("duplicate-path",
                   fmt::format("{} lies below {}, which is no folder", in_quotes(path),
                               in_quotes(parent)),
                   "give one of them another 'to'");
            return false;
        }
        return true;
    }

    void check_entrypoint() {
        const std::string& path = manifest_.entrypoint;
        for (std::size_t end = path.find('/', 1); end != std::string::npos;
             end = path.find('/', end + 1)) {
            const auto parent = files_.find(path.substr(0, end));
            if (parent != files_.end() && parent->second.kind != CollectedFile::Kind::directory)
                report("duplicate-path",
                       fmt::format("the program at {} lies below {}, which is no folder",
                                   in_quotes(path), in_quotes(parent->first)),
                       "choose another 'to', or another 'entrypoint'");
        }
    }

    const unikfile::Manifest& manifest_;
    fs::path project_;
    IgnoreRules rules_;
    fs::path bundle_;  // our own output is no input
    SourceSpan where_; // the entry being collected
    std::map<std::string, CollectedFile> files_;
    Error problems_;
};

} // namespace

Result<std::vector<CollectedFile>> collect_files(const unikfile::Manifest& manifest) {
    std::error_code status;
    const fs::path project = fs::canonical(manifest.directory, status);
    if (status)
        return file_error("read", manifest.directory, status.value());
    IgnoreRules rules = UNIK_TRY(IgnoreRules::load(project));
    return Collector(manifest, project, std::move(rules)).run();
}

} // namespace unik::toolchain
