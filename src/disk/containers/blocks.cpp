#include <disk/containers/blocks.hpp>

#include <algorithm>
#include <cstring>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_chunk = 1ULL << 20; // read at once; a processor's cache holds it
constexpr std::size_t k_piece = 4096;

} // namespace

// Equal to itself shifted by a byte, and the first one zero: libc's comparison is vectorised.
bool all_zeros(ByteSpan bytes) {
    return bytes.empty() ||
           (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

Result<void> for_each_run(Content& content, std::uint64_t block, const WriteOptions& options,
                          const std::function<Result<void>(const Run&)>& action) {
    const std::uint64_t size = content.size().value;
    const std::uint64_t chunk = std::max(block, k_chunk);
    ByteVector buffer(std::min(chunk, round_up(size, block)));
    std::uint64_t position = 0;
    while (position < size) {
        const std::optional<Range> data = UNIK_TRY(content.next_data(position));
        if (!data)
            break;
        position = data->offset / chunk * chunk;
        const std::size_t held = std::min(chunk, size - position);
        const std::size_t whole = round_up(held, block);
        UNIK_TRY(content.read(position, std::span(buffer).first(held)));
        std::fill(buffer.begin() + static_cast<std::ptrdiff_t>(held),
                  buffer.begin() + static_cast<std::ptrdiff_t>(whole), std::uint8_t{0});
        const ByteSpan bytes = ByteSpan(buffer).first(whole);
        for (std::size_t begin = 0; begin < whole;) {
            std::size_t end = begin;
            while (end < whole && !all_zeros(bytes.subspan(end, block)))
                end += block;
            if (end > begin)
                UNIK_TRY(action({(position + begin) / block, bytes.subspan(begin, end - begin)}));
            begin = end + block;
        }
        position += chunk;
        if (options.on_progress)
            options.on_progress(Bytes{std::min(position, size)});
    }
    return {};
}

Result<void> write_sparse(AtomicFile& file, std::uint64_t offset, ByteSpan bytes) {
    while (!bytes.empty()) {
        std::size_t end = 0;
        while (end < bytes.size() &&
               !all_zeros(bytes.subspan(end, std::min(k_piece, bytes.size() - end))))
            end += k_piece;
        const std::size_t used = std::min(end, bytes.size());
        UNIK_TRY(file.write_at(offset, bytes.first(used)));
        const std::size_t step = std::min(used + k_piece, bytes.size());
        offset += step;
        bytes = bytes.subspan(step);
    }
    return {};
}

} // namespace unik::disk
