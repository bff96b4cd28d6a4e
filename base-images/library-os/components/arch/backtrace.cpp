#include <arch/backtrace.hpp>

#include <arch/paging.hpp>

namespace os::arch {

bool readable(std::uint64_t address, std::size_t size) {
    const std::uint64_t last = address + size - 1;
    if (size == 0 || last < address)
        return size == 0;
    for (std::uint64_t page = align_down(address, k_page_size);; page += k_page_size) {
        if (!translate(VirtAddr{page}).present)
            return false;
        if (last - page < k_page_size)
            return true;
    }
}

std::size_t backtrace(std::uint64_t first, std::uint64_t frame_pointer, Span<std::uint64_t> out) {
    if (out.empty())
        return 0;
    std::size_t count = 0;
    out[count++] = first;
    while (count < out.size()) {
        // A frame: the caller's frame pointer, the return address.
        if (frame_pointer == 0 || frame_pointer % 8 != 0 || !readable(frame_pointer, 16))
            break;
        const auto* frame = reinterpret_cast<const std::uint64_t*>(frame_pointer);
        const std::uint64_t next = frame[0];
        const std::uint64_t return_address = frame[1];
        if (return_address == 0)
            break;
        out[count++] = return_address;
        // Stacks grow down, so callers' frames lie above; a frame elsewhere is another stack's.
        if (next <= frame_pointer)
            break;
        frame_pointer = next;
    }
    return count;
}

} // namespace os::arch
