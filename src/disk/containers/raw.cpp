// A raw disk: byte for byte, with a hole wherever there are zeros.
#include <disk/containers/blocks.hpp>
#include <disk/containers/containers.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_piece = 4096;

} // namespace

Result<void> write_raw(Content& content, const WriteOptions& options, AtomicFile& file) {
    const std::uint64_t size = content.size().value;
    UNIK_TRY(for_each_run(content, k_piece, options, [&](const Run& run) {
        return file.write_at(run.first * k_piece, run.bytes);
    }));
    return file.resize(Bytes{size}); // cuts off what filled up the last piece, too
}

} // namespace unik::disk
