#include "read_cache.hpp"

namespace os::block_files {

namespace {

std::size_t lesser(std::uint64_t a, std::size_t b) {
    return a < b ? static_cast<std::size_t>(a) : b;
}

} // namespace

ReadCache::Window* ReadCache::find(std::uint64_t offset) {
    for (Window& window : windows_)
        if (window.covers(offset)) {
            window.last_use = ++uses_;
            return &window;
        }
    return nullptr;
}

// The window that was not used for longest and is not being filled; an empty one first.
Result<ReadCache::Window*> ReadCache::take() {
    Window* best = nullptr;
    while (best == nullptr) {
        for (Window& window : windows_) {
            if (window.filling)
                continue;
            if (window.size == 0)
                window.last_use = 0;
            // Of two that are empty the one that has memory.
            if (best == nullptr || window.last_use < best->last_use ||
                (window.last_use == best->last_use && window.buffer && !best->buffer))
                best = &window;
        }
        if (best == nullptr)
            filled_.wait(k_forever, threads::Interruptible::no);
    }
    if (!best->buffer)
        best->buffer = UNIK_TRY(try_make<block::TransferBuffer>(
            UNIK_TRY(block::TransferBuffer::create(k_window_size))));
    return best;
}

Result<void> ReadCache::fill(Window& window, std::uint64_t offset, std::size_t size) {
    window.filling = true;
    window.overwritten = false;
    window.offset = offset;
    window.size = size;
    const Result<std::size_t> got = block::read(device_, offset, window.buffer->part(size));
    window.filling = false;
    window.last_use = ++uses_;
    window.size = got.ok() ? got.value() : 0;
    filled_.wake_all();
    if (!got.ok())
        return got.error();
    return {};
}

Result<Bytes> ReadCache::read(std::uint64_t offset, std::size_t wanted, Pattern pattern) {
    const std::uint64_t end = block::byte_size(device_);
    if (offset >= end || wanted == 0)
        return Bytes();
    Window* window = find(offset);
    if (window == nullptr) {
        window = UNIK_TRY(take());
        const std::uint64_t start = align_down(offset, k_page_size);
        const std::size_t room = lesser(end - start, window->buffer->size());
        const std::uint64_t asked =
            align_up(offset - start + lesser(wanted, k_window_size), k_page_size);
        const std::size_t size = pattern == Pattern::sequential ? room : lesser(asked, room);
        Result<void> filled = fill(*window, start, size);
        if (!filled.ok() && size > k_page_size && filled.error() == Errno::eio)
            filled = fill(*window, start, lesser(room, k_page_size));
        if (!filled.ok())
            return filled.error();
    }
    const std::size_t skip = static_cast<std::size_t>(offset - window->offset);
    const Bytes found = window->buffer->part(window->size).part(skip, wanted);
    if (window->overwritten) // good for this reader, who came before the write ended; for no other
        window->size = 0;
    return found;
}

void ReadCache::forget(std::uint64_t offset, std::uint64_t size) {
    for (Window& window : windows_) {
        if (window.size == 0 || window.offset >= offset + size ||
            offset >= window.offset + window.size)
            continue;
        if (window.filling)
            window.overwritten = true;
        else
            window.size = 0;
    }
}

} // namespace os::block_files
