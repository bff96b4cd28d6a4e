// An ordered tree through nodes inside its members: an AVL tree (Adelson-Velsky and Landis, 1962)
// with parent links, so that stepping, removing and keeping summaries need no search. It owns
// nothing; a member leaves the tree before it dies, and what its order depends on stays as it is
// meanwhile (or changes without passing a neighbour).
//
// Order::before(a, b) says whether a comes before b; equals stay in the order of insertion.
// Summary::update(member, left, right) recomputes what a member knows of the subtree below it from
// its children's summaries (either may be null) and says whether that has changed anything.
#pragma once

#include <foundation/panic.hpp>

namespace os {

struct TreeLinks {
    TreeLinks* left = nullptr;
    TreeLinks* right = nullptr;
    TreeLinks* parent = nullptr;
    int height = 0; // of the subtree; 0: in no tree
    TreeLinks() = default;
    TreeLinks(const TreeLinks&) = delete;
    TreeLinks& operator=(const TreeLinks&) = delete;
    bool linked() const { return height != 0; }
};

// Tag tells several memberships of one class apart.
template <typename Tag = void>
struct TreeNode : TreeLinks {};

// The shape, without the order: one copy of the code for all trees.
class TreeShape {
public:
    using Update = bool (*)(TreeLinks&); // null: no summaries

    constexpr TreeShape() = default;
    TreeShape(const TreeShape&) = delete;
    TreeShape& operator=(const TreeShape&) = delete;

    static TreeLinks* lowest(TreeLinks* node);
    static TreeLinks* highest(TreeLinks* node);
    static TreeLinks* next(const TreeLinks& node);
    static TreeLinks* previous(const TreeLinks& node);
    // `place` is the null link, of `parent` or the root, where the node belongs.
    void link(TreeLinks& node, TreeLinks* parent, TreeLinks** place, Update update);
    void unlink(TreeLinks& node, Update update);
    // Restores balance and summaries from this node up, as far as anything changes but at least to
    // `least` (null: no such node).
    void climb(TreeLinks* node, const TreeLinks* least, Update update);

    TreeLinks* root = nullptr;

private:
    void replace(const TreeLinks& old, TreeLinks* fresh);
    TreeLinks* lift_left(TreeLinks& node, Update update);
    TreeLinks* lift_right(TreeLinks& node, Update update);
    TreeLinks* rotate(TreeLinks& node, Update update);
};

// T derives from TreeNode<Tag>.
template <typename T, typename Order, typename Summary = void, typename Tag = void>
class Tree {
public:
    bool empty() const { return shape_.root == nullptr; }
    T* root() const { return member(shape_.root); }
    static T* left(const T& at) { return member(links(at).left); }
    static T* right(const T& at) { return member(links(at).right); }
    T* first() const { return member(TreeShape::lowest(shape_.root)); }
    T* last() const { return member(TreeShape::highest(shape_.root)); }
    static T* next(const T& at) { return member(TreeShape::next(links(at))); }
    static T* previous(const T& at) { return member(TreeShape::previous(links(at))); }

    // The first member that satisfies a condition which, along the order, is false up to some
    // member and true from it on.
    template <typename Condition>
    T* first_where(Condition condition) const {
        T* best = nullptr;
        for (TreeLinks* at = shape_.root; at != nullptr;) {
            T* here = member(at);
            const bool holds = condition(*here);
            if (holds)
                best = here;
            at = holds ? at->left : at->right;
        }
        return best;
    }

    void insert(T& fresh) {
        TreeLinks* parent = nullptr;
        TreeLinks** place = &shape_.root;
        while (*place != nullptr) {
            parent = *place;
            place = Order::before(fresh, *member(parent)) ? &parent->left : &parent->right;
        }
        shape_.link(static_cast<TreeNode<Tag>&>(fresh), parent, place, k_update);
    }
    void remove(T& gone) { shape_.unlink(static_cast<TreeNode<Tag>&>(gone), k_update); }
    // The member's own part of the summary has changed: brings those above up to date.
    void changed(T& at) { shape_.climb(&static_cast<TreeNode<Tag>&>(at), nullptr, k_update); }

private:
    static T* member(TreeLinks* links) {
        return static_cast<T*>(static_cast<TreeNode<Tag>*>(links));
    }
    static const TreeLinks& links(const T& at) { return static_cast<const TreeNode<Tag>&>(at); }

    static bool summarise(TreeLinks& at) {
        if constexpr (__is_same(Summary, void))
            return false;
        else
            return Summary::update(*member(&at), member(at.left), member(at.right));
    }
    static constexpr TreeShape::Update k_update = __is_same(Summary, void) ? nullptr : &summarise;

    TreeShape shape_;
};

} // namespace os
