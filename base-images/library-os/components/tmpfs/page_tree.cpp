#include "page_tree.hpp"

#include <new>

#include <foundation/heap.hpp>

namespace os::tmpfs {

struct PageTree::Leaf {
    Page pages[k_ways] = {};
};

struct PageTree::Branch {
    void* children[k_ways] = {};
};

namespace {

template <typename Node>
Node* make_node() {
    void* place = heap_allocate(sizeof(Node));
    return place != nullptr ? new (place) Node() : nullptr;
}

} // namespace

void PageTree::free_nodes(void* node, unsigned height) {
    if (node == nullptr)
        return;
    if (height > 1)
        for (void* child : static_cast<Branch*>(node)->children)
            free_nodes(child, height - 1);
    heap_free(node);
}

Page* PageTree::find(std::uint64_t index) const {
    if (!covers(index))
        return nullptr;
    void* node = root_;
    for (unsigned height = height_; height > 1; --height) {
        node = static_cast<Branch*>(node)->children[(index >> (k_bits * (height - 1))) % k_ways];
        if (node == nullptr)
            return nullptr;
    }
    Page& page = static_cast<Leaf*>(node)->pages[index % k_ways];
    return page.present() ? &page : nullptr;
}

Result<Page*> PageTree::place(std::uint64_t index) {
    while (!covers(index)) {
        if (height_ == 0) {
            root_ = make_node<Leaf>();
            if (root_ == nullptr)
                return Errno::enomem;
        } else {
            Branch* branch = make_node<Branch>();
            if (branch == nullptr)
                return Errno::enomem;
            branch->children[0] = root_;
            root_ = branch;
        }
        ++height_;
    }
    void* node = root_;
    for (unsigned height = height_; height > 1; --height) {
        void*& child =
            static_cast<Branch*>(node)->children[(index >> (k_bits * (height - 1))) % k_ways];
        if (child == nullptr)
            child = height > 2 ? static_cast<void*>(make_node<Branch>())
                               : static_cast<void*>(make_node<Leaf>());
        if (child == nullptr)
            return Errno::enomem;
        node = child;
    }
    return &static_cast<Leaf*>(node)->pages[index % k_ways];
}

// index and found are relative to the node.
bool PageTree::next_in(void* node, unsigned height, std::uint64_t index, std::uint64_t& found) {
    if (node == nullptr)
        return false;
    if (height == 1) {
        for (std::uint64_t i = index; i < k_ways; ++i)
            if (static_cast<Leaf*>(node)->pages[i].present()) {
                found = i;
                return true;
            }
        return false;
    }
    const unsigned shift = k_bits * (height - 1);
    for (std::uint64_t i = index >> shift; i < k_ways; ++i) {
        const std::uint64_t start = i << shift;
        const std::uint64_t from = index > start ? index - start : 0;
        if (next_in(static_cast<Branch*>(node)->children[i], height - 1, from, found)) {
            found += start;
            return true;
        }
    }
    return false;
}

bool PageTree::next_present(std::uint64_t index, std::uint64_t& found) const {
    return covers(index) && next_in(root_, height_, index, found);
}

bool PageTree::empty_after_pruning(void* node, unsigned height) {
    std::uint64_t found = 0;
    if (height == 1)
        return !next_in(node, height, 0, found);
    bool empty = true;
    for (void*& child : static_cast<Branch*>(node)->children) {
        if (child == nullptr)
            continue;
        if (empty_after_pruning(child, height - 1)) {
            heap_free(child);
            child = nullptr;
        } else {
            empty = false;
        }
    }
    return empty;
}

void PageTree::prune() {
    if (root_ == nullptr || !empty_after_pruning(root_, height_))
        return;
    heap_free(root_);
    root_ = nullptr;
    height_ = 0;
}

} // namespace os::tmpfs
