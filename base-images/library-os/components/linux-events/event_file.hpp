// eventfd(2): a counter to wait for.
#pragma once

#include <threads/wait_queue.hpp>
#include <vfs/file.hpp>

namespace os::linux {

class EventFile final : public vfs::File {
public:
    enum class Reads { everything, one }; // EFD_SEMAPHORE: one
    EventFile(std::uint64_t count, Reads reads, std::uint32_t flags)
        : File(flags | vfs::k_open_read_write), count_(count), reads_(reads) {}

    Result<std::size_t> read(MutableBytes buffer) override;
    Result<std::size_t> write(Bytes buffer) override;
    vfs::PollMask poll() override;
    vfs::PollSource* poll_source() override { return &source_; }
    void describe(char* buffer, std::size_t size) override;

private:
    std::uint64_t count_;
    Reads reads_;
    threads::WaitQueue readers_;
    threads::WaitQueue writers_;
    vfs::PollSource source_;
};

} // namespace os::linux
