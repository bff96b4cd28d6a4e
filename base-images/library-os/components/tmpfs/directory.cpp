// A directory keeps its entries in a list, in the order they came, for reading, and in a hash
// table for finding. An entry's place in the order is its cursor, so that reading goes on correctly
// while entries come and go.
#include <new>

#include <foundation/format.hpp>
#include <foundation/heap.hpp>

#include "node.hpp"

namespace os::tmpfs {

namespace {

constexpr std::size_t k_first_buckets = 8;

std::uint32_t hash_of(StringView name) {
    std::uint32_t hash = 2166136261U; // FNV-1a
    for (const char c : name)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
    return hash;
}

} // namespace

Directory::~Directory() {
    entries_.for_each([this](Entry& entry) {
        entry.node->forget_directory();
        take_out(entry);
    });
}

Entry* Directory::find(StringView name) const {
    if (buckets_.empty())
        return nullptr;
    const std::uint32_t hash = hash_of(name);
    for (Entry* entry = buckets_[hash % buckets_.size()]; entry != nullptr;
         entry = entry->next_in_bucket)
        if (entry->hash == hash && entry->view() == name)
            return entry;
    return nullptr;
}

// A failure to grow is no failure while there are any buckets.
Result<void> Directory::grow_buckets() {
    if (count_ < buckets_.size())
        return {};
    Vector<Entry*> grown;
    const Result<void> got = grown.resize(buckets_.empty() ? k_first_buckets : buckets_.size() * 2);
    if (!got.ok())
        return buckets_.empty() ? got : Result<void>();
    entries_.for_each([&grown](Entry& entry) {
        Entry*& bucket = grown[entry.hash % grown.size()];
        entry.next_in_bucket = bucket;
        bucket = &entry;
    });
    buckets_ = std::move(grown);
    return {};
}

Result<Entry*> Directory::make_entry(StringView name) {
    if (removed())
        return Errno::enoent;
    UNIK_TRY(grow_buckets());
    void* place = heap_allocate(sizeof(Entry) + name.size());
    if (place == nullptr)
        return Errno::enospc;
    Entry* entry = new (place) Entry();
    entry->hash = hash_of(name);
    entry->name_size = static_cast<std::uint8_t>(name.size());
    __builtin_memcpy(entry->name(), name.data(), name.size());
    return entry;
}

void Directory::insert(Entry& entry, Ref<Node> node) {
    entry.sequence = next_sequence_++;
    Entry*& bucket = buckets_[entry.hash % buckets_.size()];
    entry.next_in_bucket = bucket;
    bucket = &entry;
    entries_.push_back(entry);
    ++count_;
    node->entered(entry, *this);
    if (node->is_directory())
        ++links;
    else
        ++node->links;
    entry.node = std::move(node);
    touch_modified();
}

void Directory::take_out(Entry& entry) {
    Entry** link = &buckets_[entry.hash % buckets_.size()];
    while (*link != &entry)
        link = &(*link)->next_in_bucket;
    *link = entry.next_in_bucket;
    if (last_read_ == &entry)
        last_read_ = nullptr;
    List<Entry>::remove(entry);
    --count_;
    Ref<Node> node = std::move(entry.node);
    if (node->is_directory())
        --links;
    else
        --node->links;
    touch_modified();
    if (!node->left(entry)) {
        entry.~Entry();
        heap_free(&entry);
    }
}

Result<void> Directory::enter(StringView name, Ref<Node> node) {
    Entry* entry = UNIK_TRY(make_entry(name));
    insert(*entry, std::move(node));
    return {};
}

Result<Ref<vfs::Inode>> Directory::lookup(StringView name) {
    Entry* entry = find(name);
    if (entry == nullptr)
        return Errno::enoent;
    return Ref<vfs::Inode>(entry->node);
}

Result<Ref<vfs::Inode>> Directory::create(StringView name, std::uint32_t mode) {
    UNIK_TRY(tmpfs().check_room_for_node());
    Ref<Node> node;
    if ((mode & vfs::k_mode_kind_mask) == vfs::k_mode_directory)
        node = UNIK_TRY(try_make_ref<Directory>(tmpfs(), mode));
    else
        node = UNIK_TRY(try_make_ref<RegularFile>(tmpfs(), mode));
    UNIK_TRY(enter(name, node));
    return Ref<vfs::Inode>(node);
}

Result<Ref<vfs::Inode>> Directory::create_unnamed(std::uint32_t mode, Linkable linkable) {
    UNIK_TRY(tmpfs().check_room_for_node());
    const Ref<Node> node = UNIK_TRY(try_make_ref<RegularFile>(tmpfs(), mode));
    char name[24];
    format(name, sizeof name, "#%lu", node->number());
    node->begin_unnamed(*UNIK_TRY(make_entry(name)), *this, linkable);
    return Ref<vfs::Inode>(node);
}

Result<Ref<vfs::Inode>> Directory::create_link(StringView name, StringView target) {
    UNIK_TRY(tmpfs().check_room_for_node());
    String text;
    UNIK_TRY(text.append(Span<const char>(target.data(), target.size())));
    const Ref<Node> node = UNIK_TRY(try_make_ref<SymbolicLink>(tmpfs(), std::move(text)));
    UNIK_TRY(enter(name, node));
    return Ref<vfs::Inode>(node);
}

Result<void> Directory::link(StringView name, vfs::Inode& inode) {
    Node& node = static_cast<Node&>(inode);
    if (!node.may_be_linked())
        return Errno::enoent;
    UNIK_TRY(enter(name, Ref<Node>::share(&node)));
    vfs::Attributes attributes = node.attributes();
    attributes.changed = this->attributes().changed;
    return node.set_attributes(attributes);
}

Result<void> Directory::remove(StringView name) {
    Entry* entry = find(name);
    if (entry == nullptr)
        return Errno::enoent;
    if (entry->node->is_directory())
        return Errno::eisdir;
    take_out(*entry);
    return {};
}

Result<void> Directory::remove_directory(StringView name) {
    Entry* entry = find(name);
    if (entry == nullptr)
        return Errno::enoent;
    if (!entry->node->is_directory())
        return Errno::enotdir;
    if (static_cast<Directory&>(*entry->node).count_ > 0)
        return Errno::enotempty;
    entry->node->links = 0;
    take_out(*entry);
    return {};
}

Result<void> Directory::check_replaceable(Node& old, Node& target) const {
    if (!target.is_directory())
        return old.is_directory() ? Errno::enotdir : Result<void>();
    if (!old.is_directory())
        return Errno::eisdir;
    if (static_cast<Directory&>(target).count_ > 0)
        return Errno::enotempty;
    return {};
}

void Directory::exchange(Entry& a, Directory& a_home, Entry& b, Directory& b_home) {
    std::swap(a.node, b.node);
    a.node->entered(a, a_home);
    b.node->entered(b, b_home);
    const int moved = (a.node->is_directory() ? 1 : 0) - (b.node->is_directory() ? 1 : 0);
    a_home.links += static_cast<std::uint32_t>(moved);
    b_home.links -= static_cast<std::uint32_t>(moved);
    a_home.touch_modified();
    b_home.touch_modified();
}

Result<void> Directory::rename(StringView name, vfs::Inode& to, StringView new_name,
                               Replace replace) {
    Directory& home = static_cast<Directory&>(to);
    Entry* old = find(name);
    if (old == nullptr)
        return Errno::enoent;
    Entry* target = home.find(new_name);
    if (target != nullptr && target->node.get() == old->node.get())
        return {}; // two names of one file: nothing happens
    if (target != nullptr && replace == Replace::exchange) {
        exchange(*old, *this, *target, home);
        return {};
    }
    if (target != nullptr)
        UNIK_TRY(check_replaceable(*old->node, *target->node));
    // What can fail comes first: from here on nothing is half done.
    Entry* entry = UNIK_TRY(home.make_entry(new_name));
    if (target != nullptr) {
        if (target->node->is_directory())
            target->node->links = 0;
        home.take_out(*target);
    }
    Ref<Node> node = old->node;
    take_out(*old);
    home.insert(*entry, node);
    return {};
}

Result<void> Directory::read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) {
    Entry* entry = entries_.front();
    if (last_read_ != nullptr && last_read_->sequence < cursor)
        entry = last_read_;
    for (; entry != nullptr; entry = entries_.next(*entry)) {
        if (entry->sequence < cursor)
            continue;
        if (!writer.add(entry->view(), entry->node->number(), entry->node->mode(),
                        entry->sequence + 1))
            break;
        last_read_ = entry;
    }
    return {};
}

} // namespace os::tmpfs
