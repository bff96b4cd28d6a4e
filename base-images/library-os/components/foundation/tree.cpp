#include <foundation/tree.hpp>

namespace os {
namespace {

int height(const TreeLinks* node) {
    return node == nullptr ? 0 : node->height;
}

// Whether anything has changed.
bool refresh(TreeLinks& node, TreeShape::Update update) {
    const int left = height(node.left);
    const int right = height(node.right);
    const int now = 1 + (left > right ? left : right);
    const bool changed = node.height != now;
    node.height = now;
    return (update != nullptr && update(node)) || changed;
}

} // namespace

TreeLinks* TreeShape::lowest(TreeLinks* node) {
    while (node != nullptr && node->left != nullptr)
        node = node->left;
    return node;
}

TreeLinks* TreeShape::highest(TreeLinks* node) {
    while (node != nullptr && node->right != nullptr)
        node = node->right;
    return node;
}

TreeLinks* TreeShape::next(const TreeLinks& node) {
    if (node.right != nullptr)
        return lowest(node.right);
    const TreeLinks* at = &node;
    while (at->parent != nullptr && at->parent->right == at)
        at = at->parent;
    return at->parent;
}

TreeLinks* TreeShape::previous(const TreeLinks& node) {
    if (node.left != nullptr)
        return highest(node.left);
    const TreeLinks* at = &node;
    while (at->parent != nullptr && at->parent->left == at)
        at = at->parent;
    return at->parent;
}

void TreeShape::link(TreeLinks& node, TreeLinks* parent, TreeLinks** place, Update update) {
    UNIK_ASSERT(!node.linked() && *place == nullptr);
    node.left = node.right = nullptr;
    node.parent = parent;
    *place = &node;
    climb(&node, nullptr, update);
}

void TreeShape::unlink(TreeLinks& node, Update update) {
    UNIK_ASSERT(node.linked());
    TreeLinks* lowest_changed = node.parent;
    const TreeLinks* heir_of_both = nullptr;
    if (node.left != nullptr && node.right != nullptr) {
        TreeLinks* heir = lowest(node.right);
        lowest_changed = heir;
        heir_of_both = heir; // what it knows is of its old place
        if (heir != node.right) {
            lowest_changed = heir->parent;
            replace(*heir, heir->right);
            heir->right = node.right;
            heir->right->parent = heir;
        }
        heir->left = node.left;
        heir->left->parent = heir;
        replace(node, heir);
    } else {
        replace(node, node.left != nullptr ? node.left : node.right);
    }
    node.left = node.right = node.parent = nullptr;
    node.height = 0;
    climb(lowest_changed, heir_of_both, update);
}

void TreeShape::climb(TreeLinks* node, const TreeLinks* least, Update update) {
    while (node != nullptr) {
        if (node == least)
            least = nullptr;
        const bool changed = refresh(*node, update);
        const int difference = height(node->left) - height(node->right);
        if (difference > 1 || difference < -1)
            node = rotate(*node, update);
        else if (!changed && least == nullptr)
            return;
        node = node->parent;
    }
}

// Puts `fresh` (may be null) where `old` hangs.
void TreeShape::replace(const TreeLinks& old, TreeLinks* fresh) {
    if (old.parent == nullptr)
        root = fresh;
    else if (old.parent->left == &old)
        old.parent->left = fresh;
    else
        old.parent->right = fresh;
    if (fresh != nullptr)
        fresh->parent = old.parent;
}

// The left child takes the node's place; the node becomes its right child.
TreeLinks* TreeShape::lift_left(TreeLinks& node, Update update) {
    TreeLinks* child = node.left;
    replace(node, child);
    node.left = child->right;
    if (node.left != nullptr)
        node.left->parent = &node;
    child->right = &node;
    node.parent = child;
    refresh(node, update);
    refresh(*child, update);
    return child;
}

TreeLinks* TreeShape::lift_right(TreeLinks& node, Update update) {
    TreeLinks* child = node.right;
    replace(node, child);
    node.right = child->left;
    if (node.right != nullptr)
        node.right->parent = &node;
    child->left = &node;
    node.parent = child;
    refresh(node, update);
    refresh(*child, update);
    return child;
}

// One subtree of the node is too high, both are balanced; returns what takes the node's place.
TreeLinks* TreeShape::rotate(TreeLinks& node, Update update) {
    if (height(node.left) > height(node.right)) {
        if (height(node.left->left) < height(node.left->right))
            lift_right(*node.left, update);
        return lift_left(node, update);
    }
    if (height(node.right->right) < height(node.right->left))
        lift_left(*node.right, update);
    return lift_right(node, update);
}

} // namespace os
