// An ordered tree through nodes inside its members: an AVL tree (Adelson-Velsky and Landis, 1962)
// with parent links, so that stepping, removing and keeping sums need no search. It owns nothing;
// a member leaves the tree before it dies, and what its order depends on stays as it is meanwhile
// (or changes without passing a neighbour).
//
// Order::before(a, b) says whether a comes before b; equals stay in the order of insertion.
// Summary::update(member, left, right) recomputes what a member knows of the subtree below it from
// its children's summaries (either may be null); the default keeps none.
#pragma once

#include <foundation/panic.hpp>

namespace os {

// Tag tells several memberships of one class apart.
template <typename Tag = void>
struct TreeNode {
    TreeNode* left = nullptr;
    TreeNode* right = nullptr;
    TreeNode* parent = nullptr;
    int height = 0; // of the subtree; 0: in no tree
    TreeNode() = default;
    TreeNode(const TreeNode&) = delete;
    TreeNode& operator=(const TreeNode&) = delete;
    bool linked() const { return height != 0; }
};

struct NoSummary {
    template <typename T>
    static void update(T&, T*, T*) {}
};

// T derives from TreeNode<Tag>.
template <typename T, typename Order, typename Summary = NoSummary, typename Tag = void>
class Tree {
public:
    using Node = TreeNode<Tag>;

    constexpr Tree() = default;
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;

    bool empty() const { return root_ == nullptr; }
    T* root() const { return member(root_); }
    static T* left(const T& at) { return member(node(at).left); }
    static T* right(const T& at) { return member(node(at).right); }

    T* first() const { return member(lowest(root_)); }
    T* last() const { return member(highest(root_)); }
    static T* next(const T& at) {
        const Node* here = &node(at);
        if (here->right != nullptr)
            return member(lowest(here->right));
        while (here->parent != nullptr && here->parent->right == here)
            here = here->parent;
        return member(here->parent);
    }
    static T* previous(const T& at) {
        const Node* here = &node(at);
        if (here->left != nullptr)
            return member(highest(here->left));
        while (here->parent != nullptr && here->parent->left == here)
            here = here->parent;
        return member(here->parent);
    }

    // The first member that satisfies a condition which, along the order, is false up to some
    // member and true from it on.
    template <typename Condition>
    T* first_where(Condition condition) const {
        T* best = nullptr;
        for (Node* at = root_; at != nullptr;) {
            T* here = member(at);
            if (condition(*here)) {
                best = here;
                at = at->left;
            } else {
                at = at->right;
            }
        }
        return best;
    }

    void insert(T& fresh) {
        Node& node = fresh;
        UNIK_ASSERT(!node.linked());
        Node* parent = nullptr;
        Node** place = &root_;
        while (*place != nullptr) {
            parent = *place;
            place = Order::before(fresh, *member(parent)) ? &parent->left : &parent->right;
        }
        node.left = node.right = nullptr;
        node.parent = parent;
        *place = &node;
        climb(&node);
    }

    void remove(T& gone) {
        Node& node = gone;
        UNIK_ASSERT(node.linked());
        Node* lowest_changed = node.parent;
        if (node.left != nullptr && node.right != nullptr) {
            Node* heir = lowest(node.right);
            lowest_changed = heir->parent == &node ? heir : heir->parent;
            if (heir->parent != &node) {
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
        climb(lowest_changed);
    }

    // The member's own part of the summary has changed: brings those above up to date.
    void changed(T& member_changed) { climb(&static_cast<Node&>(member_changed)); }

private:
    static T* member(const Node* node) { return static_cast<T*>(const_cast<Node*>(node)); }
    static const Node& node(const T& at) { return at; }
    static int height(const Node* node) { return node == nullptr ? 0 : node->height; }
    template <typename N>
    static N* lowest(N* node) {
        while (node != nullptr && node->left != nullptr)
            node = node->left;
        return node;
    }
    template <typename N>
    static N* highest(N* node) {
        while (node != nullptr && node->right != nullptr)
            node = node->right;
        return node;
    }

    static void refresh(Node& node) {
        const int left = height(node.left);
        const int right = height(node.right);
        node.height = 1 + (left > right ? left : right);
        Summary::update(*member(&node), member(node.left), member(node.right));
    }
    // Puts `fresh` (may be null) where `old` hangs.
    void replace(Node& old, Node* fresh) {
        if (old.parent == nullptr)
            root_ = fresh;
        else if (old.parent->left == &old)
            old.parent->left = fresh;
        else
            old.parent->right = fresh;
        if (fresh != nullptr)
            fresh->parent = old.parent;
    }
    // Lifts the child on side Far into the place of its parent, which becomes its child on side
    // Near.
    template <Node* Node::*Near, Node* Node::*Far>
    Node* lift(Node& node) {
        Node* child = node.*Far;
        replace(node, child);
        node.*Far = child->*Near;
        if (node.*Far != nullptr)
            (node.*Far)->parent = &node;
        child->*Near = &node;
        node.parent = child;
        refresh(node);
        refresh(*child);
        return child;
    }
    // Restores the balance at a node whose subtrees are balanced; returns the subtree's new root.
    Node* balance(Node& node) {
        refresh(node);
        const int difference = height(node.left) - height(node.right);
        if (difference > 1) {
            if (height(node.left->left) < height(node.left->right))
                lift<&Node::left, &Node::right>(*node.left);
            return lift<&Node::right, &Node::left>(node);
        }
        if (difference < -1) {
            if (height(node.right->right) < height(node.right->left))
                lift<&Node::right, &Node::left>(*node.right);
            return lift<&Node::left, &Node::right>(node);
        }
        return &node;
    }
    void climb(Node* node) {
        while (node != nullptr)
            node = balance(*node)->parent;
    }

    Node* root_ = nullptr;
};

} // namespace os
