#include "node.hpp"

#include <arch/paging.hpp>
#include <memory/frames.hpp>

namespace os::erofs {

namespace {

using vocabulary::erofs::k_block_size;

constexpr std::int64_t k_magic = 0xe0f5e1e2;
constexpr std::int64_t k_read_only = 1; // ST_RDONLY

// The program may have unmapped its buffer while reading took its time.
Result<void> check_again(MutableBytes buffer) {
    const auto address = reinterpret_cast<std::uint64_t>(buffer.data());
    if (address >= arch::k_program_top) // the kernel's own
        return {};
    return memory::check_program_range(VirtAddr{address}, buffer.size(), memory::Access::write);
}

template <typename Kind>
Result<Ref<Node>> make(Image& image, const InodeRecord& record, Ref<Node> parent, String name) {
    return Ref<Node>(
        UNIK_TRY(try_make_ref<Kind>(image, record, std::move(parent), std::move(name))));
}

Result<Ref<Node>> make_by_kind(Image& image, const InodeRecord& record, Ref<Node> parent,
                               String name) {
    switch (record.mode & vfs::k_mode_kind_mask) {
    case vfs::k_mode_regular:
        return make<RegularFile>(image, record, std::move(parent), std::move(name));
    case vfs::k_mode_directory:
        return make<Directory>(image, record, std::move(parent), std::move(name));
    case vfs::k_mode_symbolic_link:
        return make<SymbolicLink>(image, record, std::move(parent), std::move(name));
    default: return make<SpecialFile>(image, record, std::move(parent), std::move(name));
    }
}

} // namespace

Result<void> Image::status(vfs::FilesystemStatus& out) {
    out = vfs::FilesystemStatus{};
    out.type = k_magic;
    out.blocks = volume_.blocks();
    out.files = volume_.inode_count();
    out.flags = k_read_only;
    return {};
}

Node* Image::find(std::uint64_t number) const {
    Node* node = nodes_.first_where([number](const Node& at) { return at.number() >= number; });
    return node != nullptr && node->number() == number ? node : nullptr;
}

Result<Ref<Node>> Image::node(std::uint64_t number, Ref<Node> parent, StringView name) {
    Node* living = find(number);
    if (living == nullptr) {
        const InodeRecord record = UNIK_TRY(volume_.inode(number)); // may block
        living = find(number);
        if (living == nullptr) {
            String own_name;
            UNIK_TRY(own_name.append(Span<const char>(name.data(), name.size())));
            Ref<Node> made =
                UNIK_TRY(make_by_kind(*this, record, std::move(parent), std::move(own_name)));
            nodes_.insert(*made);
            return made;
        }
    }
    if (living->is_directory() && (living->parent() != parent.get() || !(living->name() == name)))
        return Errno::euclean;
    return Ref<Node>::share(living);
}

void Image::forget(Node& node, Ref<Node> parent) {
    if (node.TreeNode<>::linked())
        nodes_.remove(node);
    let_go_ = std::move(parent);
    if (letting_go_)
        return;
    letting_go_ = true;
    while (let_go_) {
        Ref<Node> next = std::move(let_go_);
        // Its destructor, where this was the last reference, comes here with its own parent.
    }
    letting_go_ = false;
}

Node::Node(Image& image, const InodeRecord& record, Ref<Node> parent, String name)
    : Inode(image, record.node, record.mode), record_(record), parent_(std::move(parent)),
      name_(std::move(name)) {
    attributes_ = {record.mode,     record.user,     record.group,
                   record.modified, record.modified, record.modified};
}

Node::~Node() {
    image().forget(*this, std::move(parent_));
}

Image& Node::image() const {
    return static_cast<Image&>(filesystem());
}

Result<void> Node::status(vfs::Stat& out) {
    UNIK_TRY(Inode::status(out));
    out.links = record_.links;
    out.special_device = record_.device;
    out.blocks = static_cast<std::int64_t>(record_.pages() * (k_block_size / 512));
    return {};
}

namespace {

class FilePager final : public memory::Pager {
public:
    explicit FilePager(Ref<RegularFile> file) : file_(std::move(file)) {}
    Result<PhysAddr> shared_page(std::uint64_t offset) override { return file_->map_page(offset); }
    void release_page(std::uint64_t offset, PhysAddr frame) override {
        file_->unmap_page(offset, frame);
    }

private:
    Ref<RegularFile> file_;
};

} // namespace

RegularFile::~RegularFile() {
    UNIK_ASSERT(tail_mappings_ == 0);
}

Result<Ref<memory::Pager>> RegularFile::pager() {
    return Ref<memory::Pager>(UNIK_TRY(try_make_ref<FilePager>(Ref<RegularFile>::share(this))));
}

// Doubled with each page that follows the one before.
std::uint64_t RegularFile::pages_ahead(std::uint64_t page) {
    if (page + 1 != next_page_) // else: more of the same page
        ahead_ = page == next_page_ ? 2 * ahead_ + 1 : 0;
    ahead_ = ahead_ < k_most_ahead ? ahead_ : k_most_ahead;
    next_page_ = page + 1;
    const std::uint64_t behind = record_.whole_blocks() > page ? record_.whole_blocks() - page : 0;
    return behind == 0 ? 0 : ahead_ < behind - 1 ? ahead_ : behind - 1;
}

Result<std::size_t> RegularFile::read_at(MutableBytes buffer, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < buffer.size() && offset + done < record_.size) {
        const std::uint64_t at = offset + done;
        const std::uint64_t page = at / k_block_size;
        const Result<HeldBytes> held = image().volume().page(record_, page, pages_ahead(page));
        if (!held.ok()) {
            if (done > 0)
                break;
            return held.error();
        }
        const Bytes part =
            held->bytes.part(static_cast<std::size_t>(at % k_block_size), buffer.size() - done);
        const MutableBytes out = buffer.part(done, part.size());
        if (image().volume().source().may_block())
            UNIK_TRY(check_again(out));
        __builtin_memcpy(out.data(), part.data(), part.size());
        done += part.size();
    }
    return done;
}

Result<PhysAddr> RegularFile::map_page(std::uint64_t offset) {
    if (offset >= record_.size)
        return Errno::eio;
    const std::uint64_t page = offset / k_block_size;
    if (record_.in_tail(page))
        return map_tail();
    HeldBytes held = UNIK_TRY(image().volume().page(record_, page, pages_ahead(page)));
    return held.block.leak();
}

// A tail shares its block with others, so that mappings get a copy of it.
Result<PhysAddr> RegularFile::map_tail() {
    if (tail_mappings_ == 0) {
        const HeldBytes held = UNIK_TRY(image().volume().page(record_, record_.whole_blocks()));
        if (tail_mappings_ == 0) { // still: reading may have let another thread go first
            tail_frame_ = UNIK_TRY(memory::allocate_zeroed_frame());
            __builtin_memcpy(arch::physical_pointer(tail_frame_), held.bytes.data(),
                             held.bytes.size());
        }
    }
    ++tail_mappings_;
    return tail_frame_;
}

void RegularFile::unmap_page(std::uint64_t offset, PhysAddr frame) {
    const std::uint64_t page = offset / k_block_size;
    if (!record_.in_tail(page)) {
        image().volume().source().release(record_.first_block + page, frame);
        return;
    }
    UNIK_ASSERT(tail_mappings_ > 0);
    if (--tail_mappings_ == 0)
        memory::free_frames(tail_frame_, 0);
}

Result<String> SymbolicLink::read_link() {
    const HeldBytes held = UNIK_TRY(image().volume().page(record_, 0));
    for (const std::uint8_t byte : held.bytes)
        if (byte == 0)
            return Errno::euclean;
    String out;
    UNIK_TRY(out.append(
        Span<const char>(reinterpret_cast<const char*>(held.bytes.data()), held.bytes.size())));
    return out;
}

} // namespace os::erofs
