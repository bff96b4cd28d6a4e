#include <toolchain/image_tree.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;
using Kind = CollectedFile::Kind;

constexpr int k_most_links = 40; // as Linux

// The parts of a path in reverse, onto those that are still to be walked.
void push_parts(std::vector<std::string>& parts, const std::string& path) {
    const std::size_t first = parts.size();
    for (const fs::path& part : fs::path(path))
        if (part != "/" && !part.empty())
            parts.push_back(part.string());
    std::reverse(parts.begin() + static_cast<std::ptrdiff_t>(first), parts.end());
}

std::string parent_of(const std::string& path) {
    return path.substr(0, path.empty() ? 0 : path.rfind('/'));
}

unsigned mode_of(const fs::file_status& status) {
    const bool executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
    return executable ? 0755 : 0644;
}

CollectedFile make_folder(const std::string& path) {
    CollectedFile folder;
    folder.kind = Kind::directory;
    folder.path = path;
    folder.mode = 0755;
    return folder;
}

} // namespace

ImageTree::ImageTree(std::vector<CollectedFile> files) {
    for (CollectedFile& file : files) {
        for (std::string above = parent_of(file.path); !above.empty(); above = parent_of(above))
            entries_.try_emplace(above, make_folder(above));
        const std::string path = file.path;
        entries_.insert_or_assign(path, std::move(file));
    }
}

bool ImageTree::add_from_host(const std::string& path) {
    std::error_code status;
    const fs::file_status state = fs::symlink_status(path, status);
    CollectedFile file;
    file.path = path;
    switch (state.type()) {
    case fs::file_type::symlink:
        file.kind = Kind::symbolic_link;
        file.mode = 0777;
        file.link_target = fs::read_symlink(path, status).string();
        break;
    case fs::file_type::directory: file = make_folder(path); break;
    case fs::file_type::regular:
        file.mode = mode_of(state);
        file.source = path;
        break;
    default: return false;
    }
    if (status)
        return false;
    entries_.emplace(path, std::move(file));
    added_.push_back(path);
    return true;
}

const CollectedFile* ImageTree::walk(const std::string& path, Missing missing) {
    std::vector<std::string> parts;
    push_parts(parts, path);
    std::string at;
    int links = 0;
    while (!parts.empty()) {
        const std::string part = std::move(parts.back());
        parts.pop_back();
        if (part == ".")
            continue;
        if (part == "..") {
            at = parent_of(at);
            continue;
        }
        const std::string next = fmt::format("{}/{}", at, part);
        auto entry = entries_.find(next);
        if (entry == entries_.end()) {
            if (missing == Missing::stays || !add_from_host(next))
                return nullptr;
            entry = entries_.find(next);
        }
        const CollectedFile& file = entry->second;
        if (file.kind == Kind::directory) {
            at = next;
        } else if (file.kind == Kind::symbolic_link) {
            if (++links > k_most_links)
                return nullptr;
            if (file.link_target.starts_with('/'))
                at.clear();
            push_parts(parts, file.link_target);
        } else {
            return parts.empty() ? &file : nullptr;
        }
    }
    return nullptr;
}

const CollectedFile* ImageTree::find(const std::string& path) const {
    // Nothing is added.
    return const_cast<ImageTree*>(this)->walk(path, Missing::stays);
}

const CollectedFile* ImageTree::take(const std::string& path) {
    added_.clear();
    const CollectedFile* file = walk(path, Missing::from_host);
    if (file == nullptr)
        for (const std::string& added : added_)
            entries_.erase(added);
    return file;
}

const CollectedFile* ImageTree::place(const std::string& path, const fs::path& source) {
    const std::string whole = fs::path(path).lexically_normal().string();
    for (std::string above = parent_of(whole); !above.empty(); above = parent_of(above)) {
        const auto entry = entries_.try_emplace(above, make_folder(above)).first;
        if (entry->second.kind != Kind::directory)
            return nullptr;
    }
    std::error_code status;
    CollectedFile file;
    file.path = whole;
    file.mode = mode_of(fs::status(source, status));
    file.source = source;
    const auto [entry, added] = entries_.try_emplace(whole, std::move(file));
    return added ? &entry->second : nullptr;
}

void ImageTree::explain(const std::map<std::string, std::string>& reasons) {
    for (const auto& [path, reason] : reasons)
        if (const auto entry = entries_.find(path);
            entry != entries_.end() && entry->second.reason.empty())
            entry->second.reason = reason;
}

std::vector<CollectedFile> ImageTree::files() const {
    std::vector<CollectedFile> out;
    for (const auto& [path, file] : entries_)
        out.push_back(file);
    return out;
}

} // namespace unik::toolchain
