#include <foundation/tree.hpp>

namespace os {
namespace {

int height(const TreeLinks* node) {
    return node == nullptr ? 0 : node->height;
}

void refresh(TreeLinks& node, TreeShape::Update update) {
    const int left = height(node.left);
    const int right = height(node.right);
    node.height = 1 + (left > right ? left : right);
    if (update != nullptr)
        update(node);
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
    climb(&node, update);
}

void TreeShape::unlink(TreeLinks& node, Update update) {
    UNIK_ASSERT(node.linked());
    TreeLinks* lowest_changed = node.parent;
    if (node.left != nullptr && node.right != nullptr) {
        TreeLinks* heir = lowest(node.right);
        lowest_changed = heir;
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
    climb(lowest_changed, update);
}

void TreeShape::climb(TreeLinks* node, Update update) {
    while (node != nullptr)
        node = balance(*node, update)->parent;
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

// The node's subtrees are balanced; returns the root of what it heads afterwards.
TreeLinks* TreeShape::balance(TreeLinks& node, Update update) {
    refresh(node, update);
    const int difference = height(node.left) - height(node.right);
    if (difference > 1) {
        if (height(node.left->left) < height(node.left->right))
            lift_right(*node.left, update);
        return lift_left(node, update);
    }
    if (difference < -1) {
        if (height(node.right->right) < height(node.right->left))
            lift_left(*node.right, update);
        return lift_right(node, update);
    }
    return &node;
}

} // namespace os
