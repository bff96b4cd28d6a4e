// The archive is the "newc" form of cpio (cpio(5)), which needs no seeking to read. Everything that
// could differ between two builds is fixed: order, owners, inode numbers, link counts, times.
#include <rootfs/archive.hpp>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace unik::rootfs {
namespace {

using toolchain::CollectedFile;

// The archive travels inside the kernel, hence in memory.
constexpr Bytes k_most_bytes{1ULL << 30};
constexpr unsigned k_folder_mode = 0755;

struct FreeWriter {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Writer = std::unique_ptr<archive, FreeWriter>;
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

la_ssize_t append(archive*, void* client, const void* data, std::size_t size) {
    auto& out = *static_cast<ByteVector*>(client);
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    out.insert(out.end(), bytes, bytes + size);
    return static_cast<la_ssize_t>(size);
}

Error archive_error(archive* writer, const std::string& path) {
    const char* reason = archive_error_string(writer);
    return make_error("rootfs-failed",
                      fmt::format("cannot put '{}' into the root file system: {}", path,
                                  reason != nullptr ? reason : "libarchive does not say why"));
}

// reproducible-builds.org: seconds since 1970 that stand for every time in the output.
std::time_t source_date() {
    const char* text = std::getenv("SOURCE_DATE_EPOCH");
    std::time_t seconds = 0;
    if (text != nullptr)
        std::from_chars(text, text + std::strlen(text), seconds);
    return seconds < 0 ? 0 : seconds;
}

// All entries by path, with the folders above each.
std::map<std::string, CollectedFile> with_folders(const std::vector<CollectedFile>& files) {
    std::map<std::string, CollectedFile> all;
    for (const CollectedFile& file : files) {
        for (std::size_t slash = file.path.find('/', 1); slash != std::string::npos;
             slash = file.path.find('/', slash + 1)) {
            CollectedFile folder;
            folder.kind = CollectedFile::Kind::directory;
            folder.path = file.path.substr(0, slash);
            folder.mode = k_folder_mode;
            all.try_emplace(folder.path, folder);
        }
        if (file.path != "/")
            all[file.path] = file;
    }
    return all;
}

// A file below something that is no folder cannot be unpacked.
Result<void> check_folders(const std::map<std::string, CollectedFile>& all) {
    for (const auto& [path, file] : all) {
        const auto above = all.find(path.substr(0, path.rfind('/')));
        if (above != all.end() && above->second.kind != CollectedFile::Kind::directory)
            return make_error("rootfs-failed",
                              fmt::format("'{}' cannot be put below '{}', which is no folder", path,
                                          above->first),
                              "change 'to' of one of the two entries in 'files'");
    }
    return {};
}

unsigned file_type(CollectedFile::Kind kind) {
    switch (kind) {
    case CollectedFile::Kind::regular: return AE_IFREG;
    case CollectedFile::Kind::directory: return AE_IFDIR;
    case CollectedFile::Kind::symbolic_link: return AE_IFLNK;
    }
    return AE_IFREG;
}

Result<void> write_entry(archive* writer, const CollectedFile& file, std::int64_t inode,
                         std::uint64_t& total) {
    ByteVector content;
    if (file.kind == CollectedFile::Kind::regular)
        content = UNIK_TRY(read_file(file.source, k_most_bytes));
    total += content.size();
    if (total > k_most_bytes.value)
        return make_error("rootfs-too-large",
                          fmt::format("the image's files are larger than the {} that fit into it",
                                      to_text(k_most_bytes)),
                          "leave files out with .unikignore or 'files' in the Unikfile");
    const Entry entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), file.path.c_str() + 1);
    archive_entry_set_filetype(entry.get(), file_type(file.kind));
    const bool link = file.kind == CollectedFile::Kind::symbolic_link;
    archive_entry_set_perm(entry.get(), link ? 0777 : file.mode & 07777);
    archive_entry_set_ino64(entry.get(), inode);
    archive_entry_set_nlink(entry.get(), 1);
    archive_entry_set_uid(entry.get(), 0);
    archive_entry_set_gid(entry.get(), 0);
    archive_entry_set_dev(entry.get(), 0);
    archive_entry_set_mtime(entry.get(), source_date(), 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    if (link)
        archive_entry_set_symlink(entry.get(), file.link_target.c_str());
    if (archive_write_header(writer, entry.get()) != ARCHIVE_OK)
        return archive_error(writer, file.path);
    if (!content.empty() && archive_write_data(writer, content.data(), content.size()) !=
                                static_cast<la_ssize_t>(content.size()))
        return archive_error(writer, file.path);
    return {};
}

} // namespace

Result<ByteVector> make_archive(const toolchain::Application& application) {
    ByteVector out;
    const auto files = with_folders(application.files);
    if (files.empty())
        return out;
    UNIK_TRY(check_folders(files));
    const Writer writer(archive_write_new());
    archive_write_set_format_cpio_newc(writer.get());
    archive_write_set_bytes_per_block(writer.get(), 0);
    archive_write_set_bytes_in_last_block(writer.get(), 1);
    if (archive_write_open(writer.get(), &out, nullptr, append, nullptr) != ARCHIVE_OK)
        return archive_error(writer.get(), "/");
    std::int64_t inode = 0;
    std::uint64_t total = 0;
    for (const auto& [path, file] : files)
        UNIK_TRY(write_entry(writer.get(), file, ++inode, total));
    if (archive_write_close(writer.get()) != ARCHIVE_OK)
        return archive_error(writer.get(), "/");
    return out;
}

} // namespace unik::rootfs
