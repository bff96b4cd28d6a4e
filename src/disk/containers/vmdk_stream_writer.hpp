// Writing a stream-optimized VMDK: alone, or as the disk of an OVA.
#pragma once

#include <functional>

#include <disk/containers/blocks.hpp>
#include <disk/containers/fingerprint.hpp>
#include <disk/containers/vmdk.hpp>

namespace unik::disk {

class VmdkStream {
public:
    // Takes the file from its first byte to its last.
    using Sink = std::function<Result<void>(ByteSpan bytes)>;

    VmdkStream(std::uint64_t sectors, Sink sink);
    Result<void> begin(const std::string& file_name, const Guid& id);
    // Grains in ascending order.
    Result<void> add(std::uint64_t grain, ByteSpan packed);
    Result<void> finish();

private:
    static constexpr std::uint64_t k_overhead = 128 * k_sector;

    Result<void> put(ByteSpan bytes);
    Result<void> put_marker(std::uint32_t type, std::uint64_t sectors);
    Result<void> flush_table();

    VmdkHeader header_;
    Sink sink_;
    std::uint64_t position_ = 0;
    std::vector<Le32> directory_;
    std::vector<Le32> table_; // of table_slot_; empty: none begun
    std::uint64_t table_slot_ = 0;
};

// Reads the content twice: its id stands in the head of the file.
Result<void> stream_vmdk(Content& content, const WriteOptions& options,
                         const VmdkStream::Sink& sink);

} // namespace unik::disk
