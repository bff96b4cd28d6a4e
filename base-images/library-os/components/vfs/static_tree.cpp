#include <vfs/static_tree.hpp>

#include <cstdarg>

#include <foundation/format.hpp>

namespace os::vfs {

void TextWriter::add(const char* format, ...) {
    char line[512];
    std::va_list arguments;
    va_start(arguments, format);
    const std::size_t size = format_arguments(line, sizeof line, format, arguments);
    va_end(arguments);
    add(StringView(line, size));
}

void TextWriter::add(StringView text) {
    // Doubling: long texts come in many lines.
    const std::size_t needed = text_.size() + text.size();
    if (!failed_ && !text_.reserve(needed < 256 ? 256 : align_up(needed, 4096)).ok())
        failed_ = true;
    if (!failed_ && !text_.append(Span<const char>(text.data(), text.size())).ok())
        failed_ = true;
}

Result<String> TextWriter::finish() {
    if (failed_)
        return Errno::enomem;
    return std::move(text_);
}

namespace {

Result<String> text_of(const StaticNode& node) {
    TextWriter writer;
    if (node.kind == StaticNode::Kind::text) {
        node.text(writer);
    } else {
        writer.add(StringView(node.constant));
        if ((node.mode & k_mode_kind_mask) == k_mode_regular)
            writer.add(StringView("\n"));
    }
    return writer.finish();
}

// A table starts at one number and its members follow: stable while the kernel runs.
std::uint64_t number_of(const StaticNode& node) {
    return (reinterpret_cast<std::uint64_t>(&node) & 0xffffffff) >> 3;
}

class StaticInode : public Inode {
public:
    StaticInode(Filesystem& filesystem, const StaticNode& node, Inode* parent)
        : Inode(filesystem, number_of(node), node.mode), node_(node), parent_(parent) {}

    Result<void> status(Stat& out) override {
        UNIK_TRY(Inode::status(out));
        out.special_device = node_.kind == StaticNode::Kind::device ? node_.number : 0;
        if (is_directory())
            out.links = 2;
        return {};
    }
    Result<Ref<File>> open(std::uint32_t flags) override;
    Result<String> read_link() override {
        return is_symbolic_link() ? text_of(node_) : Result<String>(Errno::einval);
    }
    Result<void> truncate(std::uint64_t) override { return {}; } // open with O_TRUNC
    Inode* parent() override { return parent_; }
    StringView name() override { return node_.name; }

private:
    const StaticNode& node_;
    Inode* parent_; // inodes of these trees live for ever
};

class StaticDirectory final : public StaticInode {
public:
    StaticDirectory(Filesystem& filesystem, const StaticNode& node, Inode* parent,
                    Span<const StaticNode> children, const List<AddedNode>* added)
        : StaticInode(filesystem, node, parent), children_(children), added_(added) {}

    Result<Ref<Inode>> lookup(StringView name) override;
    Result<void> read_directory(std::uint64_t cursor, DirectoryWriter& writer) override;

private:
    Result<Ref<Inode>> make_child(const StaticNode& node);
    Result<Ref<Inode>> lookup_added(StringView name);
    void read_added(std::uint64_t cursor, DirectoryWriter& writer);

    Span<const StaticNode> children_;
    const List<AddedNode>* added_; // may be null
    Vector<Ref<Inode>> inodes_;    // as children_, once one was asked for
};

Result<Ref<File>> StaticInode::open(std::uint32_t flags) {
    if (node_.kind == StaticNode::Kind::device)
        return node_.open(flags, *this);
    if (node_.kind == StaticNode::Kind::table || is_symbolic_link())
        return Inode::open(flags);
    if ((flags & k_open_access_mask) != 0 && node_.accept == nullptr)
        return Errno::eacces;
    return open_text(Ref<Inode>::share(this), flags, UNIK_TRY(text_of(node_)), node_.accept);
}

Result<Ref<Inode>> StaticDirectory::make_child(const StaticNode& node) {
    if (node.kind == StaticNode::Kind::made)
        return node.make(filesystem(), number_of(node), *this);
    if ((node.mode & k_mode_kind_mask) == k_mode_directory)
        return Ref<Inode>(UNIK_TRY(try_make_ref<StaticDirectory>(
            filesystem(), node, this, Span<const StaticNode>(node.children, node.number),
            nullptr)));
    return Ref<Inode>(UNIK_TRY(try_make_ref<StaticInode>(filesystem(), node, this)));
}

Result<Ref<Inode>> StaticDirectory::lookup(StringView name) {
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (!(name == children_[i].name))
            continue;
        if (inodes_.empty())
            UNIK_TRY(inodes_.resize(children_.size()));
        if (!inodes_[i])
            inodes_[i] = UNIK_TRY(make_child(children_[i]));
        return inodes_[i];
    }
    return lookup_added(name);
}

Result<Ref<Inode>> StaticDirectory::lookup_added(StringView name) {
    for (AddedNode* added = added_ != nullptr ? added_->front() : nullptr; added != nullptr;
         added = added_->next(*added)) {
        if (!(name == added->node.name))
            continue;
        if (!added->inode)
            added->inode = UNIK_TRY(make_child(added->node));
        return added->inode;
    }
    return Errno::enoent;
}

Result<void> StaticDirectory::read_directory(std::uint64_t cursor, DirectoryWriter& writer) {
    for (std::size_t i = static_cast<std::size_t>(cursor - k_first_entry); i < children_.size();
         ++i)
        if (!writer.add(children_[i].name, number_of(children_[i]), children_[i].mode,
                        i + k_first_entry + 1))
            return {};
    read_added(cursor, writer);
    return {};
}

void StaticDirectory::read_added(std::uint64_t cursor, DirectoryWriter& writer) {
    std::uint64_t at = k_first_entry + children_.size();
    for (AddedNode* added = added_ != nullptr ? added_->front() : nullptr; added != nullptr;
         added = added_->next(*added), ++at)
        if (at >= cursor &&
            !writer.add(added->node.name, number_of(added->node), added->node.mode, at + 1))
            return;
}

class TextFile final : public File {
public:
    TextFile(Ref<Inode> inode, std::uint32_t flags, String text, Result<void> (*accept)(StringView))
        : File(flags), inode_(std::move(inode)), text_(std::move(text)), accept_(accept) {}

    Result<std::size_t> read(MutableBytes buffer) override {
        const std::size_t got = UNIK_TRY(read_at(buffer, position_));
        position_ += got;
        return got;
    }
    Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t offset) override;
    Result<std::size_t> write(Bytes buffer) override;
    Result<std::size_t> write_at(Bytes buffer, std::uint64_t) override { return write(buffer); }
    Result<std::uint64_t> seek(std::int64_t offset, int whence) override;
    Result<void> status(Stat& out) override { return inode_->status(out); }
    Inode* inode() override { return inode_.get(); }

private:
    Ref<Inode> inode_;
    String text_;
    Result<void> (*accept_)(StringView);
    std::uint64_t position_ = 0;
};

Result<std::size_t> TextFile::read_at(MutableBytes buffer, std::uint64_t offset) {
    if (offset >= text_.size())
        return std::size_t{0};
    const std::size_t start = static_cast<std::size_t>(offset);
    const std::size_t left = text_.size() - start;
    const std::size_t count = buffer.size() < left ? buffer.size() : left;
    __builtin_memcpy(buffer.data(), text_.data() + start, count);
    return count;
}

Result<std::size_t> TextFile::write(Bytes buffer) {
    if (accept_ == nullptr)
        return Errno::eacces;
    UNIK_TRY(accept_(StringView(reinterpret_cast<const char*>(buffer.data()), buffer.size())));
    return buffer.size();
}

Result<std::uint64_t> TextFile::seek(std::int64_t offset, int whence) {
    const std::int64_t base =
        whence == k_seek_current ? static_cast<std::int64_t>(position_) : std::int64_t{0};
    if (whence != k_seek_set && whence != k_seek_current)
        return Errno::einval;
    if (offset < -base || offset > INT64_MAX - base)
        return Errno::einval;
    position_ = static_cast<std::uint64_t>(base + offset);
    return position_;
}

constexpr StaticNode k_root_node = empty_directory_node("");

} // namespace

Result<Ref<Inode>> make_static_root(Filesystem& filesystem, Span<const StaticNode> children,
                                    const List<AddedNode>* added) {
    return Ref<Inode>(
        UNIK_TRY(try_make_ref<StaticDirectory>(filesystem, k_root_node, nullptr, children, added)));
}

Result<Ref<File>> open_text(Ref<Inode> inode, std::uint32_t flags, String text,
                            Result<void> (*accept)(StringView)) {
    return Ref<File>(
        UNIK_TRY(try_make_ref<TextFile>(std::move(inode), flags, std::move(text), accept)));
}

} // namespace os::vfs
