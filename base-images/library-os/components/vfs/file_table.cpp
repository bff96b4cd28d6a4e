// The process's descriptors: a growing array of slots, and a mark below which none is free.
//
// A file is taken out of its slot before its count drops: destroying it may run code of any
// component, which may come back here.
#include <vfs/file_table.hpp>

#include <foundation/immortal.hpp>
#include <foundation/vector.hpp>

namespace os::vfs {

namespace {

struct Slot {
    Ref<File> file;
    CloseOnExec close_on_exec = CloseOnExec::no;
};

constexpr std::size_t k_default_limit = 16384;

struct Table {
    Vector<Slot> slots;
    std::size_t no_free_below = 0;
    std::size_t limit = k_default_limit;
};

constinit Immortal<Table> g_table;
constinit CloseHook g_close_hook = nullptr;

Slot* used_slot(int descriptor) {
    if (descriptor < 0 || static_cast<std::size_t>(descriptor) >= g_table->slots.size())
        return nullptr;
    Slot& slot = g_table->slots[static_cast<std::size_t>(descriptor)];
    return slot.file ? &slot : nullptr;
}

Result<void> grow_to(std::size_t size) {
    return size > g_table->slots.size() ? g_table->slots.grow(size) : Result<void>();
}

std::size_t first_free(std::size_t from) {
    const Table& table = *g_table;
    std::size_t index = from > table.no_free_below ? from : table.no_free_below;
    while (index < table.slots.size() && table.slots[index].file)
        ++index;
    return index;
}

void fill(Slot& slot, Ref<File> file, CloseOnExec close_on_exec) {
    file->add_descriptor();
    slot.file = std::move(file);
    slot.close_on_exec = close_on_exec;
}

void release(Ref<File> file) {
    if (g_close_hook != nullptr)
        g_close_hook(*file);
    file->drop_descriptor();
}

} // namespace

Result<int> install(Ref<File> file, CloseOnExec close_on_exec, int from) {
    Table& table = *g_table;
    const std::size_t first = from > 0 ? static_cast<std::size_t>(from) : 0;
    const std::size_t index = first_free(first);
    if (index >= table.limit)
        return Errno::emfile;
    UNIK_TRY(grow_to(index + 1));
    fill(table.slots[index], std::move(file), close_on_exec);
    if (first <= table.no_free_below)
        table.no_free_below = index + 1;
    return static_cast<int>(index);
}

Result<void> check_free_descriptor() {
    return first_free(0) < g_table->limit ? Result<void>() : Errno::emfile;
}

Result<int> install_at(Ref<File> file, int descriptor, CloseOnExec close_on_exec) {
    if (descriptor < 0 || static_cast<std::size_t>(descriptor) >= g_table->limit)
        return Errno::ebadf;
    const std::size_t index = static_cast<std::size_t>(descriptor);
    UNIK_TRY(grow_to(index + 1));
    Ref<File> old = std::move(g_table->slots[index].file);
    fill(g_table->slots[index], std::move(file), close_on_exec);
    if (old)
        release(std::move(old));
    return descriptor;
}

Result<Ref<File>> file_of(int descriptor) {
    Slot* slot = used_slot(descriptor);
    if (slot == nullptr)
        return Errno::ebadf;
    return slot->file;
}

Result<void> close(int descriptor) {
    Slot* slot = used_slot(descriptor);
    if (slot == nullptr)
        return Errno::ebadf;
    Ref<File> file = std::move(slot->file);
    slot->close_on_exec = CloseOnExec::no;
    const std::size_t index = static_cast<std::size_t>(descriptor);
    if (index < g_table->no_free_below)
        g_table->no_free_below = index;
    release(std::move(file));
    return {};
}

Result<CloseOnExec> close_on_exec(int descriptor) {
    Slot* slot = used_slot(descriptor);
    if (slot == nullptr)
        return Errno::ebadf;
    return slot->close_on_exec;
}

Result<void> set_close_on_exec(int descriptor, CloseOnExec value) {
    Slot* slot = used_slot(descriptor);
    if (slot == nullptr)
        return Errno::ebadf;
    slot->close_on_exec = value;
    return {};
}

std::size_t descriptor_limit() {
    return g_table->limit;
}

void set_descriptor_limit(std::size_t limit) {
    g_table->limit = limit;
}

void close_range(unsigned first, unsigned last) {
    for (std::size_t i = first; i <= last && i < g_table->slots.size(); ++i)
        if (g_table->slots[i].file)
            (void)close(static_cast<int>(i));
}

void mark_range_close_on_exec(unsigned first, unsigned last) {
    for (std::size_t i = first; i <= last && i < g_table->slots.size(); ++i)
        g_table->slots[i].close_on_exec = CloseOnExec::yes;
}

void set_close_hook(CloseHook hook) {
    g_close_hook = hook;
}

void for_each_descriptor(void (*visit)(int, File&, void*), void* argument) {
    for (std::size_t i = 0; i < g_table->slots.size(); ++i)
        if (g_table->slots[i].file)
            visit(static_cast<int>(i), *g_table->slots[i].file, argument);
}

} // namespace os::vfs
