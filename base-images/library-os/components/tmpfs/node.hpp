// The inodes of tmpfs. A node knows the newest directory entry that names it; when that entry goes
// while the node lives on (open, or under another name), the node keeps it, and its directory, to
// tell its last name.
#pragma once

#include <foundation/list.hpp>
#include <vfs/inode.hpp>

#include "contents.hpp"
#include "page_frames.hpp"

namespace os::tmpfs {

class Directory;
class Node;

struct Entry : ListNode<> {
    Ref<Node> node;
    Entry* next_in_bucket = nullptr;
    std::uint64_t sequence = 0; // cursor for reading the directory
    std::uint32_t hash = 0;
    std::uint8_t name_size = 0;

    // The name's bytes are allocated behind.
    char* name() { return reinterpret_cast<char*>(this + 1); }
    StringView view() const { return {reinterpret_cast<const char*>(this + 1), name_size}; }
};

// One mounted instance. Files without bytes need memory too: there are at most as many inodes as
// half of the memory has pages, as on Linux.
class Tmpfs final : public vfs::Filesystem {
public:
    explicit Tmpfs(std::uint64_t page_limit = default_page_limit());
    Result<void> status(vfs::FilesystemStatus& out) override;
    // enospc.
    Result<void> check_room_for_node() const;

    PageBudget pages;
    std::uint64_t node_limit;
    std::uint64_t nodes = 0;
    std::uint64_t next_inode = 1;
};

class Node : public vfs::Inode {
public:
    Node(Tmpfs& filesystem, std::uint32_t mode)
        : Inode(filesystem, filesystem.next_inode++, mode), born_(attributes().changed) {
        ++filesystem.nodes;
    }
    ~Node() override;

    Result<void> status(vfs::Stat& out) override;
    Result<void> set_attributes(const vfs::Attributes& attributes) override;
    vfs::Inode* parent() override;
    StringView name() override { return entry_ != nullptr ? entry_->view() : StringView(); }
    bool removed() override { return removed_; }

    bool birth_time(Nanoseconds& out) override {
        out = born_;
        return true;
    }

    void entered(Entry& entry, Directory& directory);
    // A node of no name (O_TMPFILE), which the entry only calls somehow.
    void begin_unnamed(Entry& entry, Directory& directory, Linkable linkable);
    // The directory goes away before the node: only when a whole tree is taken down.
    void forget_directory() { parent_ = nullptr; }
    bool may_be_linked() const { return links > 0 || linkable_; }
    // True: the node keeps the entry's memory.
    bool left(Entry& entry);
    void touch_directory_change() { touch_modified(); }
    void set_modified(Nanoseconds time) {
        attributes_.modified = attributes_.changed = attributes_.accessed = time;
    }
    std::uint32_t links = 0;

protected:
    virtual std::uint64_t pages_in_use() const { return 0; }

private:
    void forget_last_place();

    Entry* entry_ = nullptr;
    Directory* parent_ = nullptr;
    Nanoseconds born_;
    bool removed_ = false; // then entry_ is kept, and counted as a holder of parent_
    bool linkable_ = false;
};

class RegularFile final : public Node {
public:
    RegularFile(Tmpfs& filesystem, std::uint32_t mode)
        : Node(filesystem, mode), contents_(filesystem.pages) {}

    Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t offset) override;
    Result<std::size_t> write_at(Bytes buffer, std::uint64_t offset) override;
    std::uint64_t size() override { return contents_.size(); }
    Result<void> truncate(std::uint64_t size) override;
    Result<void> allocate(std::uint64_t offset, std::uint64_t size) override;
    Result<void> punch_hole(std::uint64_t offset, std::uint64_t size) override;
    Result<Ref<memory::Pager>> pager() override;
    Result<std::uint64_t> find_extent(std::uint64_t offset, Extent wanted) override;
    Contents& contents() { return contents_; }

private:
    std::uint64_t pages_in_use() const override { return contents_.pages_in_use(); }
    Contents contents_;
    bool was_mapped_ = false; // mappings may show pages
};

class SymbolicLink final : public Node {
public:
    SymbolicLink(Tmpfs& filesystem, String target)
        : Node(filesystem, vfs::k_mode_symbolic_link | 0777), target_(std::move(target)) {}
    Result<String> read_link() override;
    std::uint64_t size() override { return target_.size(); }

private:
    String target_;
};

class Directory final : public Node {
public:
    Directory(Tmpfs& filesystem, std::uint32_t mode) : Node(filesystem, mode) { links = 2; }
    ~Directory() override;

    Result<Ref<vfs::Inode>> lookup(StringView name) override;
    Result<Ref<vfs::Inode>> create(StringView name, std::uint32_t mode) override;
    Result<Ref<vfs::Inode>> create_unnamed(std::uint32_t mode, Linkable linkable) override;
    Result<Ref<vfs::Inode>> create_link(StringView name, StringView target) override;
    Result<void> link(StringView name, vfs::Inode& inode) override;
    Result<void> remove(StringView name) override;
    Result<void> remove_directory(StringView name) override;
    Result<void> rename(StringView name, vfs::Inode& to, StringView new_name,
                        Replace replace) override;
    Result<void> read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) override;
    std::uint64_t size() override { return count_ * k_size_of_entry; }

    Result<void> enter(StringView name, Ref<Node> node);

private:
    static constexpr std::uint64_t k_size_of_entry = 20; // as Linux's tmpfs tells it

    Tmpfs& tmpfs() const { return static_cast<Tmpfs&>(filesystem()); }
    Entry* find(StringView name) const;
    Result<void> grow_buckets();
    Result<Entry*> make_entry(StringView name);
    void insert(Entry& entry, Ref<Node> node);
    void take_out(Entry& entry);
    Result<void> check_replaceable(Node& old, Node& target) const;
    static void exchange(Entry& a, Directory& a_home, Entry& b, Directory& b_home);

    List<Entry> entries_;        // ascending by sequence
    Entry* last_read_ = nullptr; // where reading stopped: most go on from there
    Vector<Entry*> buckets_;
    std::size_t count_ = 0;
    std::uint64_t next_sequence_ = k_first_entry;
};

} // namespace os::tmpfs
