#include <cache/rebuild.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>

#include <sys/stat.h>

#include <support/file.hpp>

namespace unik::cache {
namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;

constexpr const char* k_kernel = "kernel.elf";
constexpr Bytes k_largest_record{128 << 20};
// Times of files come from a clock that ticks some hundred times a second.
constexpr std::chrono::milliseconds k_clock_tick{50};

// XDG Base Directory Specification: a relative path counts as not set.
fs::path record_file(const fs::path& bundle) {
    for (const auto& [variable, below] : {std::pair{"XDG_CACHE_HOME", ""}, {"HOME", ".cache"}}) {
        const char* value = std::getenv(variable);
        if (value != nullptr && fs::path(value).is_absolute())
            return fs::path(value) / below / "unik" / "builds" /
                   Digester().add(bundle.string()).finish().substr(0, 24);
    }
    return {};
}

bool changed_since(const fs::path& path, system_clock::time_point moment) {
    struct stat s {};
    if (::stat(path.c_str(), &s) != 0)
        return true;
    const auto changed = std::chrono::seconds(s.st_ctim.tv_sec) +
                         std::chrono::nanoseconds(s.st_ctim.tv_nsec) + k_clock_tick;
    return system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(changed)) >=
           moment;
}

bool lies_in(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
           folder.end();
}

} // namespace

Rebuild::Rebuild(Situation situation)
    : situation_(std::move(situation)), started_(system_clock::now()),
      file_(record_file(situation_.bundle)), given_(given_digest(situation_)) {
    if (file_.empty())
        return;
    if (const auto text = read_text_file(file_, k_largest_record); text.ok())
        last_ = parse(text.value());
}

bool Rebuild::bundle_is_whole() const {
    std::error_code status;
    std::size_t count = 0;
    fs::directory_iterator entries(situation_.bundle, status);
    for (; !status && entries != fs::directory_iterator(); entries.increment(status))
        ++count;
    return !status && count > 0 && count == last_->outputs.size() &&
           std::all_of(last_->outputs.begin(), last_->outputs.end(), is_untouched);
}

bool Rebuild::is_unchanged() const {
    return last_ && given_ && last_->given == *given_ && !last_->inputs.empty() &&
           bundle_is_whole() && std::all_of(last_->inputs.begin(), last_->inputs.end(), is_same);
}

bool Rebuild::is_same_link(const toolchain::Application& application) {
    linked_ = linked_digest(situation_, application);
    return last_ && linked_ && last_->linked == *linked_ && bundle_is_whole();
}

void Rebuild::set_made(const fs::path& staging) {
    made_ = stamp_of(staging / k_kernel);
}

// Empty when another build has put its bundle in the place of ours meanwhile.
std::vector<FileState> Rebuild::observe_bundle() const {
    std::vector<FileState> states;
    std::error_code status;
    fs::directory_iterator entries(situation_.bundle, status);
    for (; !status && entries != fs::directory_iterator(); entries.increment(status))
        states.push_back({entries->path(), stamp_of(entries->path()), "-"});
    if (status || stamp_of(situation_.bundle / k_kernel) != made_)
        return {};
    return states;
}

// Empty as soon as one input cannot be vouched for: it may have changed while the tools read it.
std::vector<FileState> Rebuild::observe_inputs(const toolchain::Application& application) const {
    if (inputs_.empty())
        return {};
    const fs::path& project = application.manifest.directory;
    std::set<fs::path> paths{fs::absolute(application.manifest.file)};
    for (const fs::path& input : inputs_)
        paths.insert(project / input);
    if (fs::exists(project / ".unikignore"))
        paths.insert(project / ".unikignore");
    // A new file beside those that were read may be found before them; the project's own names
    // are among what is given.
    std::set<fs::path> folders;
    for (const fs::path& path : paths)
        if (!lies_in(path.lexically_normal(), project))
            folders.insert(path.parent_path());
    // What the build made follows from its inputs.
    const fs::path made = application.workspace ? application.workspace->out() : fs::path();
    for (const toolchain::CollectedFile& file : application.files)
        if (file.kind == toolchain::CollectedFile::Kind::regular &&
            (made.empty() || !lies_in(file.source, made)))
            paths.insert(file.source);
    paths.merge(folders);
    std::vector<FileState> states;
    for (const fs::path& path : paths) {
        auto state = observe(path);
        if (!state || changed_since(path, started_))
            return {};
        states.push_back(std::move(*state));
    }
    return states;
}

void Rebuild::remember(const toolchain::Application& application) const {
    if (file_.empty() || !given_ || !linked_)
        return;
    // The files were read again since then: a record must not vouch for what came in between.
    if (linked_digest(situation_, application) != linked_)
        return;
    const Record record{*given_, *linked_, observe_inputs(application),
                        made_.empty() ? last_->outputs : observe_bundle()};
    std::error_code status;
    fs::create_directories(file_.parent_path(), status);
    const auto text = to_text(record);
    if (!status && text && !record.outputs.empty())
        static_cast<void>(write_file(file_, *text).ok());
}

} // namespace unik::cache
