// A few windows of a disk in memory, so that small reads do not each cost a request. A window is
// filled as far as a read asks, further where reads follow one another, and is given up when
// something under it is written: the disk always holds what the last write said.
#pragma once

#include <block/block_device.hpp>
#include <block/transfer_buffer.hpp>
#include <foundation/own.hpp>
#include <threads/wait_queue.hpp>

namespace os::block_files {

enum class Pattern { random, sequential };

class ReadCache {
public:
    static constexpr std::size_t k_window_size = 65536;

    explicit ReadCache(block::BlockDevice& device) : device_(device) {}

    // Bytes from `offset` on, in kernel memory, valid until the caller blocks: at least one, but
    // not always all that are wanted; none at the device's end. A read that fails is tried again
    // page by page, so that what can be read is.
    Result<Bytes> read(std::uint64_t offset, std::size_t wanted, Pattern pattern);
    // After this range was written, or the writing failed.
    void forget(std::uint64_t offset, std::uint64_t size);

private:
    static constexpr unsigned k_windows = 4;

    struct Window {
        Own<block::TransferBuffer> buffer;
        std::uint64_t offset = 0;
        std::size_t size = 0; // 0: empty
        std::uint64_t last_use = 0;
        bool filling = false;
        bool overwritten = false; // while it was being filled
        bool covers(std::uint64_t at) const {
            return !filling && at >= offset && at - offset < size;
        }
    };

    Window* find(std::uint64_t offset);
    Result<Window*> take();
    Result<void> fill(Window& window, std::uint64_t offset, std::size_t size);

    block::BlockDevice& device_;
    Window windows_[k_windows];
    threads::WaitQueue filled_;
    std::uint64_t uses_ = 0;
};

} // namespace os::block_files
