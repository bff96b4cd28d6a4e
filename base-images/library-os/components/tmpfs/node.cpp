#include "node.hpp"

#include <foundation/heap.hpp>

namespace os::tmpfs {

namespace {
constexpr std::int64_t k_tmpfs_magic = 0x01021994;
constexpr std::int64_t k_blocks_per_page = k_page_size / 512;
} // namespace

Tmpfs::Tmpfs(std::uint64_t page_limit)
    : Filesystem("tmpfs"), pages{page_limit, 0}, node_limit(default_page_limit()) {}

Result<void> Tmpfs::check_room_for_node() const {
    return nodes < node_limit ? Result<void>() : Errno::enospc;
}

Result<void> Tmpfs::status(vfs::FilesystemStatus& out) {
    out = vfs::FilesystemStatus{};
    out.type = k_tmpfs_magic;
    out.blocks = pages.limit;
    out.blocks_free = out.blocks_available = pages.limit - pages.used;
    out.files = node_limit;
    out.files_free = node_limit > nodes ? node_limit - nodes : 0;
    return {};
}

namespace {

// Directories that only their removed children held go one by one, so that a tree that was removed
// from above while its deepest directory was in use does not end in deep recursion.
constinit Directory* g_next_to_release = nullptr;
constinit bool g_releasing = false;

void release_directory(Directory* directory) {
    if (g_releasing) {
        UNIK_ASSERT(g_next_to_release == nullptr);
        g_next_to_release = directory;
        return;
    }
    g_releasing = true;
    while (directory != nullptr) {
        g_next_to_release = nullptr;
        { const Ref<Directory> last = Ref<Directory>::adopt(directory); }
        directory = g_next_to_release;
    }
    g_releasing = false;
}

} // namespace

Node::~Node() {
    --static_cast<Tmpfs&>(filesystem()).nodes;
    forget_last_place();
}

void Node::forget_last_place() {
    if (!removed_)
        return;
    if (entry_ != nullptr) {
        entry_->~Entry();
        heap_free(entry_);
    }
    entry_ = nullptr;
    Directory* const directory = parent_;
    parent_ = nullptr;
    if (directory != nullptr)
        release_directory(directory);
}

Result<void> Node::status(vfs::Stat& out) {
    UNIK_TRY(Inode::status(out));
    out.links = links;
    out.blocks = static_cast<std::int64_t>(pages_in_use()) * k_blocks_per_page;
    return {};
}

Result<void> Node::set_attributes(const vfs::Attributes& attributes) {
    const std::uint32_t old_kind = kind();
    attributes_ = attributes;
    attributes_.mode = old_kind | (attributes.mode & vfs::k_mode_permissions);
    return {};
}

vfs::Inode* Node::parent() {
    return parent_;
}

void Node::entered(Entry& entry, Directory& directory) {
    forget_last_place();
    entry_ = &entry;
    parent_ = &directory;
    removed_ = false;
    linkable_ = false;
}

void Node::begin_unnamed(Entry& entry, Directory& directory, Linkable linkable) {
    entry_ = &entry;
    parent_ = Ref<Directory>::share(&directory).leak();
    removed_ = true;
    linkable_ = linkable == Linkable::yes;
}

bool Node::left(Entry& entry) {
    if (entry_ != &entry)
        return false;
    if (parent_ != nullptr)
        parent_->retain();
    removed_ = true;
    return true;
}

namespace {

class FilePager final : public memory::Pager {
public:
    explicit FilePager(Ref<RegularFile> file) : file_(std::move(file)) {}
    Result<PhysAddr> shared_page(std::uint64_t offset) override {
        return file_->contents().map_page(offset);
    }
    void release_page(std::uint64_t offset, PhysAddr frame) override {
        file_->contents().unmap_page(offset, frame);
    }
    const void* object() const override { return file_.get(); }

private:
    Ref<RegularFile> file_;
};

} // namespace

Result<std::size_t> RegularFile::read_at(MutableBytes buffer, std::uint64_t offset) {
    return contents_.read(buffer, offset);
}

Result<std::size_t> RegularFile::write_at(Bytes buffer, std::uint64_t offset) {
    const std::size_t put = UNIK_TRY(contents_.write(buffer, offset));
    touch_modified();
    return put;
}

Result<void> RegularFile::truncate(std::uint64_t size) {
    if (size > vfs::k_longest_file)
        return Errno::efbig;
    if (was_mapped_ && size < contents_.size())
        memory::forget_pages(this, align_up(size, k_page_size), UINT64_MAX,
                             memory::Copies::dropped);
    UNIK_TRY(contents_.resize(size));
    touch_modified();
    return {};
}

Result<void> RegularFile::allocate(std::uint64_t offset, std::uint64_t size) {
    if (size > vfs::k_longest_file || offset > vfs::k_longest_file - size)
        return Errno::efbig;
    UNIK_TRY(contents_.allocate(offset, size));
    touch_modified();
    return {};
}

Result<void> RegularFile::punch_hole(std::uint64_t offset, std::uint64_t size) {
    if (size > vfs::k_longest_file || offset > vfs::k_longest_file - size)
        return Errno::efbig;
    if (was_mapped_)
        memory::forget_pages(this, align_up(offset, k_page_size),
                             align_down(offset + size, k_page_size), memory::Copies::kept);
    UNIK_TRY(contents_.punch_hole(offset, size));
    touch_modified();
    return {};
}

Result<Ref<memory::Pager>> RegularFile::pager() {
    was_mapped_ = true;
    return Ref<memory::Pager>(UNIK_TRY(try_make_ref<FilePager>(Ref<RegularFile>::share(this))));
}

Result<std::uint64_t> RegularFile::find_extent(std::uint64_t offset, Extent wanted) {
    if (offset >= size())
        return Errno::enxio;
    if (wanted == Extent::hole)
        return contents_.next_hole(offset);
    std::uint64_t found = 0;
    if (!contents_.next_data(offset, found))
        return Errno::enxio;
    return found;
}

Result<String> SymbolicLink::read_link() {
    String out;
    UNIK_TRY(out.append(target_.span()));
    return out;
}

} // namespace os::tmpfs
