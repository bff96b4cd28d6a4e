// The inodes of a mounted image, made when they are looked up and shared by everyone who asks for
// the same number until nobody does any more. A node knows the directory and the name it was found
// by, and keeps that directory alive.
#pragma once

#include <foundation/tree.hpp>
#include <vfs/inode.hpp>

#include "volume.hpp"

namespace os::erofs {

class Image;

class Node : public vfs::Inode, public TreeNode<> {
public:
    Node(Image& image, const InodeRecord& record, Ref<Node> parent, String name);
    ~Node() override;

    Result<void> status(vfs::Stat& out) override;
    std::uint64_t size() override { return record_.size; }
    vfs::Inode* parent() override { return parent_.get(); }
    StringView name() override { return {name_.data(), name_.size()}; }
    const InodeRecord& record() const { return record_; }

protected:
    Image& image() const;
    InodeRecord record_;

private:
    Ref<Node> parent_;
    String name_;
};

class RegularFile final : public Node {
public:
    using Node::Node;
    ~RegularFile() override;

    Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t offset) override;
    Result<Ref<memory::Pager>> pager() override;

    // For mappings; offset is page-aligned. eio behind the end.
    Result<PhysAddr> map_page(std::uint64_t offset);
    void unmap_page(std::uint64_t offset, PhysAddr frame);

private:
    static constexpr std::uint64_t k_most_ahead = 15;

    // How many pages behind this one are worth reading with it.
    std::uint64_t pages_ahead(std::uint64_t page);
    Result<PhysAddr> map_tail();

    std::uint64_t next_page_ = 0; // of one who reads from front to back
    std::uint64_t ahead_ = 0;
    PhysAddr tail_frame_; // 0: none. A copy of the tail, as long as mappings show it.
    std::uint32_t tail_mappings_ = 0;
};

class SymbolicLink final : public Node {
public:
    using Node::Node;
    Result<String> read_link() override;
};

class Directory final : public Node {
public:
    using Node::Node;
    Result<Ref<vfs::Inode>> lookup(StringView name) override;
    Result<void> read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) override;

private:
    // The number of the node of this name; enoent.
    Result<std::uint64_t> find(StringView name);
    // The block in which the name stands, if anywhere.
    Result<std::uint64_t> block_for(StringView name);
    Result<bool> read_block(std::uint64_t at, vfs::DirectoryWriter& writer);
};

// Device files, pipes and sockets: they have attributes, and nothing behind them.
class SpecialFile final : public Node {
public:
    using Node::Node;
};

// One mounted image.
class Image final : public vfs::Filesystem {
public:
    explicit Image(const Volume& volume) : Filesystem("erofs"), volume_(volume) {
        read_only = true;
    }
    Result<void> status(vfs::FilesystemStatus& out) override;

    // The node of this number. Of a directory there can be one name only: what leads to it from
    // elsewhere, as a loop does, is euclean.
    Result<Ref<Node>> node(std::uint64_t number, Ref<Node> parent, StringView name);
    const Volume& volume() const { return volume_; }

private:
    friend class Node;
    struct ByNumber {
        static bool before(const Node& a, const Node& b) { return a.number() < b.number(); }
    };

    Node* find(std::uint64_t number) const;
    void forget(Node& node, Ref<Node> parent);

    Volume volume_;
    Tree<Node, ByNumber> nodes_; // that live
    // Directories that their last child has let go of, one after the other: a long chain of them
    // must not need a deep stack.
    Ref<Node> let_go_;
    bool letting_go_ = false;
};

} // namespace os::erofs
