// A doubly linked list through nodes inside its members. It owns nothing; a member leaves the list
// before it dies.
#pragma once

#include <foundation/panic.hpp>

namespace os {

// Tag tells several memberships of one class apart.
template <typename Tag = void>
struct ListNode {
    ListNode* next = nullptr;
    ListNode* previous = nullptr;
    ListNode() = default;
    ListNode(const ListNode&) = delete;
    ListNode& operator=(const ListNode&) = delete;
    bool linked() const { return next != nullptr; }
    void unlink() {
        if (next == nullptr)
            return;
        next->previous = previous;
        previous->next = next;
        next = previous = nullptr;
    }
};

// T derives from ListNode<Tag>.
template <typename T, typename Tag = void>
class List {
public:
    using Node = ListNode<Tag>;

    constexpr List() = default;
    List(const List&) = delete;
    List& operator=(const List&) = delete;

    bool empty() const { return head_.next == nullptr || head_.next == &head_; }
    T* front() const { return empty() ? nullptr : static_cast<T*>(head_.next); }
    T* back() const { return empty() ? nullptr : static_cast<T*>(head_.previous); }
    void push_back(T& member) { insert(member, *tail_anchor().previous); }
    void push_front(T& member) { insert(member, tail_anchor()); }
    static void remove(T& member) { static_cast<Node&>(member).unlink(); }
    T* pop_front() {
        T* member = front();
        if (member != nullptr)
            remove(*member);
        return member;
    }
    // The member after this one, or null at the end.
    T* next(T& member) const {
        Node* node = static_cast<Node&>(member).next;
        return node == &head_ ? nullptr : static_cast<T*>(node);
    }
    // Visits every member; the visitor may remove the one it is given.
    template <typename Visitor>
    void for_each(Visitor visit) {
        for (T* member = front(); member != nullptr;) {
            T* following = next(*member);
            visit(*member);
            member = following;
        }
    }

private:
    Node& tail_anchor() {
        if (head_.next == nullptr)
            head_.next = head_.previous = &head_;
        return head_;
    }
    static void insert(T& member, Node& after) {
        Node& node = member;
        UNIK_ASSERT(!node.linked());
        node.next = after.next;
        node.previous = &after;
        after.next->previous = &node;
        after.next = &node;
    }

    Node head_;
};

} // namespace os
