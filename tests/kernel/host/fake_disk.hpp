// A disk in the host's memory, and memory that it can transfer to. Included by one source file of a
// test executable, since it defines things.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <block/block_device.hpp>
#include <block/transfer_buffer.hpp>
#include <control/control.hpp>

namespace host {

inline std::size_t largest_buffer = 128 * 1024;
inline std::size_t living_buffers = 0;
// Memory from here on is as good as a transfer buffer.
inline const void* transferable = nullptr;
inline std::vector<std::string> warnings;

class FakeDisk final : public os::block::BlockDevice {
public:
    FakeDisk(std::size_t sectors, std::uint32_t sector_size, std::size_t most)
        : bytes(sectors * sector_size), sector_size_(sector_size), most_(most) {
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
    }

    std::uint32_t sector_size() const override { return sector_size_; }
    std::uint64_t sector_count() const override { return bytes.size() / sector_size_; }
    os::block::Access access() const override { return rights; }
    std::size_t most_bytes() const override { return most_; }

    os::Result<void> transfer(os::block::Direction direction, std::uint64_t sector,
                              os::MutableBytes buffer) override {
        ++(direction == os::block::Direction::read ? reads : writes);
        largest = buffer.size() > largest ? buffer.size() : largest;
        const std::size_t start = static_cast<std::size_t>(sector) * sector_size_;
        if (buffer.size() % sector_size_ != 0 || buffer.empty() || buffer.size() > most_ ||
            start + buffer.size() > bytes.size())
            std::abort(); // the border's rules
        if (during_transfer)
            std::exchange(during_transfer, nullptr)();
        for (std::size_t i = 0; i < buffer.size() / sector_size_; ++i)
            if (bad_sectors.count(sector + i) != 0)
                return os::Errno::eio;
        if (direction == os::block::Direction::read)
            std::memcpy(buffer.data(), bytes.data() + start, buffer.size());
        else
            std::memcpy(bytes.data() + start, buffer.data(), buffer.size());
        return {};
    }
    os::Result<void> flush() override {
        ++flushes;
        return {};
    }

    std::vector<std::uint8_t> bytes;
    os::block::Access rights = os::block::Access::read_write;
    std::set<std::uint64_t> bad_sectors;
    std::function<void()> during_transfer;
    unsigned reads = 0;
    unsigned writes = 0;
    unsigned flushes = 0;
    std::size_t largest = 0;

private:
    std::uint32_t sector_size_;
    std::size_t most_;
};

} // namespace host

namespace os::block {

Result<TransferBuffer> TransferBuffer::create(std::size_t wanted) {
    std::size_t size = 4096;
    while (size < wanted && size < host::largest_buffer)
        size *= 2;
    ++host::living_buffers;
    auto* bytes = static_cast<std::uint8_t*>(std::aligned_alloc(4096, size));
    std::memset(bytes, 0xee, size); // nobody may count on zeroes
    return TransferBuffer({bytes, size}, 0);
}
TransferBuffer::TransferBuffer(TransferBuffer&& other) noexcept
    : bytes_(other.bytes_), order_(other.order_) {
    other.bytes_ = {};
}
TransferBuffer::~TransferBuffer() {
    if (bytes_.empty())
        return;
    --host::living_buffers;
    static_cast<void>(order_);
    std::free(bytes_.data());
}
bool is_transferable(const void* memory) {
    return host::transferable != nullptr && memory >= host::transferable;
}

} // namespace os::block

namespace os::control {

void warn(const char* id, const char* format, ...) {
    char line[256];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    host::warnings.push_back(std::string(line) + " [" + id + "]");
}

} // namespace os::control
