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

struct StaticNode {
    const char* name = nullptr;
    std::uint32_t mode = 0;
    // One of these, by kind.
    const StaticNode* children = nullptr;
    std::size_t child_count = 0;
    void (*text)(TextWriter&) = nullptr;          // what the file reads as, or the link's target
    Result<void> (*accept)(StringView) = nullptr; // what becomes of a write; null: eacces
    Result<Ref<File>> (*open)(std::uint32_t flags, Inode& inode) = nullptr; // a device
    std::uint64_t device = 0;                                               // its number
    // Anything else: made once.
    Result<Ref<Inode>> (*make)(Filesystem&, std::uint64_t number, Inode& parent) = nullptr;
};

template <std::size_t N>
constexpr StaticNode directory_node(const char* name, const StaticNode (&children)[N]) {
    StaticNode node;
    node.name = name;
    node.mode = k_mode_directory | 0555;
    node.children = children;
    node.child_count = N;
    return node;
}
constexpr StaticNode empty_directory_node(const char* name, std::uint32_t permissions = 0555) {
    StaticNode node;
    node.name = name;
    node.mode = k_mode_directory | permissions;
    return node;
}
constexpr StaticNode text_node(const char* name, void (*text)(TextWriter&),
                               Result<void> (*accept)(StringView) = nullptr) {
    StaticNode node;
    node.name = name;
    node.mode = k_mode_regular | (accept != nullptr ? 0644U : 0444U);
    node.text = text;
    node.accept = accept;
    return node;
}
constexpr StaticNode link_node(const char* name, void (*target)(TextWriter&)) {
    StaticNode node;
    node.name = name;
    node.mode = k_mode_symbolic_link | 0777;
    node.text = target;
    return node;
}
constexpr StaticNode device_node(const char* name, std::uint32_t permissions, std::uint64_t device,
                                 Result<Ref<File>> (*open)(std::uint32_t, Inode&)) {
    StaticNode node;
    node.name = name;
    node.mode = k_mode_character | permissions;
    node.device = device;
    node.open = open;
    return node;
}
constexpr StaticNode block_device_node(const char* name, std::uint32_t permissions,
                                       std::uint64_t device,
                                       Result<Ref<File>> (*open)(std::uint32_t, Inode&)) {
    StaticNode node = device_node(name, permissions, device, open);
    node.mode = k_mode_block_device | permissions;
    return node;
}
constexpr StaticNode made_node(const char* name, std::uint32_t mode,
                               Result<Ref<Inode>> (*make)(Filesystem&, std::uint64_t, Inode&)) {
    StaticNode node;
    node.name = name;
    node.mode = mode;
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
