// Directories whose names are known when the kernel is built (/dev, /proc, /sys), as constexpr
// tables. The inodes are made when they are first looked at and stay for ever.
//
//     constexpr StaticNode k_kernel[] = {text_node("hostname", write_hostname), …};
//     constexpr StaticNode k_root[] = {directory_node("kernel", k_kernel), …};
//     mount(mount_point, make_static_root(g_filesystem, k_root));
#pragma once

#include <foundation/result.hpp>
#include <foundation/vector.hpp>
#include <vfs/inode.hpp>

namespace os::vfs {

// Text that is put together piece by piece. Running out of memory is remembered for the end.
class TextWriter {
public:
    void add(const char* format, ...) __attribute__((format(printf, 2, 3)));
    void add(StringView text);
    Result<String> finish();

private:
    String text_;
    bool failed_ = false;
};

// Small, since an image has a hundred of them.
struct StaticNode {
    enum class Kind : std::uint8_t { table, text, constant, device, made };
    using Text = void (*)(TextWriter&);
    using Accept = Result<void> (*)(StringView);
    using Open = Result<Ref<File>> (*)(std::uint32_t flags, Inode& inode);
    using Make = Result<Ref<Inode>> (*)(Filesystem&, std::uint64_t number, Inode& parent);

    const char* name = nullptr;
    std::uint16_t mode = 0;
    Kind kind = Kind::table;
    std::uint32_t number = 0; // of children, or a device's
    union {
        const StaticNode* children = nullptr;
        Text text;            // what the file reads as, or the link's target
        const char* constant; // the same, where it never changes; a file adds a line feed
        Open open;            // a device
        Make make;            // anything else: made once
    };
    Accept accept = nullptr; // what becomes of a write; null: eacces
};
static_assert(sizeof(StaticNode) == 32);

constexpr StaticNode empty_directory_node(const char* name, std::uint32_t permissions = 0555) {
    StaticNode node;
    node.name = name;
    node.mode = static_cast<std::uint16_t>(k_mode_directory | permissions);
    return node;
}
template <std::size_t N>
constexpr StaticNode directory_node(const char* name, const StaticNode (&children)[N]) {
    StaticNode node = empty_directory_node(name);
    node.children = children;
    node.number = N;
    return node;
}
constexpr StaticNode text_node(const char* name, StaticNode::Text text,
                               StaticNode::Accept accept = nullptr) {
    StaticNode node;
    node.name = name;
    node.mode = static_cast<std::uint16_t>(k_mode_regular | (accept != nullptr ? 0644U : 0444U));
    node.kind = StaticNode::Kind::text;
    node.text = text;
    node.accept = accept;
    return node;
}
constexpr StaticNode constant_node(const char* name, const char* text) {
    StaticNode node;
    node.name = name;
    node.mode = static_cast<std::uint16_t>(k_mode_regular | 0444U);
    node.kind = StaticNode::Kind::constant;
    node.constant = text;
    return node;
}
constexpr StaticNode link_node(const char* name, StaticNode::Text target) {
    StaticNode node = text_node(name, target);
    node.mode = static_cast<std::uint16_t>(k_mode_symbolic_link | 0777U);
    return node;
}
constexpr StaticNode constant_link_node(const char* name, const char* target) {
    StaticNode node = constant_node(name, target);
    node.mode = static_cast<std::uint16_t>(k_mode_symbolic_link | 0777U);
    return node;
}
constexpr StaticNode device_node(const char* name, std::uint32_t permissions, std::uint64_t device,
                                 StaticNode::Open open) {
    StaticNode node;
    node.name = name;
    node.mode = static_cast<std::uint16_t>(k_mode_character | permissions);
    node.kind = StaticNode::Kind::device;
    node.number = static_cast<std::uint32_t>(device);
    node.open = open;
    return node;
}
constexpr StaticNode block_device_node(const char* name, std::uint32_t permissions,
                                       std::uint64_t device, StaticNode::Open open) {
    StaticNode node = device_node(name, permissions, device, open);
    node.mode = static_cast<std::uint16_t>(k_mode_block_device | permissions);
    return node;
}
constexpr StaticNode made_node(const char* name, std::uint32_t mode, StaticNode::Make make) {
    StaticNode node;
    node.name = name;
    node.mode = static_cast<std::uint16_t>(mode);
    node.kind = StaticNode::Kind::made;
    node.make = make;
    return node;
}

// A name that a component adds to the root while the kernel starts; lives for ever.
struct AddedNode : ListNode<> {
    StaticNode node;
    Ref<Inode> inode; // once it was asked for
};

// `added`, where there is one, is looked at with each access.
Result<Ref<Inode>> make_static_root(Filesystem& filesystem, Span<const StaticNode> children,
                                    const List<AddedNode>* added = nullptr);

// A regular file that reads as text made at open. For `make` functions and dynamic directories.
Result<Ref<File>> open_text(Ref<Inode> inode, std::uint32_t flags, String text,
                            Result<void> (*accept)(StringView));

} // namespace os::vfs
