#include <disk/containers/codec.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

#include <zlib.h>
#include <zstd.h>

namespace unik::disk {
namespace {

constexpr std::size_t k_batch = 4ULL << 20; // bytes packed between two writes
constexpr unsigned k_most_workers = 16;
constexpr std::size_t k_window = 32768; // how far back deflate looks
constexpr int k_zstd_level = 3;         // zstd's own default, and QEMU's

// As zlib wants it: negative for a bare stream.
int window_bits(Codec codec) {
    switch (codec) {
    case Codec::deflate_4k: return -12;
    case Codec::deflate_piece: return -15;
    default: return 15;
    }
}

bool inflate_block(Codec codec, ByteSpan packed, std::span<std::uint8_t> out) {
    z_stream stream{};
    if (inflateInit2(&stream, window_bits(codec)) != Z_OK)
        return false;
    stream.next_in = const_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    // qcow2's streams need not end with the block: what follows them is padding. zlib's own end
    // carries a checksum.
    const bool ended = status == Z_STREAM_END || (codec != Codec::zlib && status == Z_BUF_ERROR);
    return stream.avail_out == 0 && ended;
}

// The input may go on behind the stream, so its end must be found by streaming.
bool unpack_zstd(ByteSpan packed, std::span<std::uint8_t> out) {
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                       &ZSTD_freeDCtx);
    if (!context)
        return false;
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    while (output.pos < output.size) {
        const std::size_t in_before = input.pos;
        const std::size_t out_before = output.pos;
        const std::size_t status = ZSTD_decompressStream(context.get(), &output, &input);
        if (ZSTD_isError(status) != 0 || (status == 0 && output.pos < output.size) ||
            (input.pos == in_before && output.pos == out_before))
            return false;
    }
    return true;
}

} // namespace

struct Packer::State {
    Codec codec{};
    z_stream deflate{};
    ZSTD_CCtx* zstd = nullptr;
    ByteVector out;
};

Packer::Packer(Codec codec) : state_(std::make_unique<State>()) {
    state_->codec = codec;
    if (codec == Codec::zstd) {
        state_->zstd = ZSTD_createCCtx();
        if (state_->zstd != nullptr)
            ZSTD_CCtx_setParameter(state_->zstd, ZSTD_c_compressionLevel, k_zstd_level);
    } else if (deflateInit2(&state_->deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits(codec),
                            9, Z_DEFAULT_STRATEGY) != Z_OK) {
        state_->deflate.state = nullptr;
    }
}

Packer::~Packer() {
    if (!state_)
        return;
    ZSTD_freeCCtx(state_->zstd);
    if (state_->codec != Codec::zstd)
        deflateEnd(&state_->deflate);
}

Packer::Packer(Packer&&) noexcept = default;

ByteSpan Packer::pack(ByteSpan block, std::size_t room, ByteSpan before) {
    state_->out.resize(room);
    if (state_->codec == Codec::zstd) {
        if (state_->zstd == nullptr)
            return {};
        const std::size_t size =
            ZSTD_compress2(state_->zstd, state_->out.data(), room, block.data(), block.size());
        return ZSTD_isError(size) != 0 ? ByteSpan() : ByteSpan(state_->out).first(size);
    }
    z_stream& stream = state_->deflate;
    if (stream.state == nullptr || deflateReset(&stream) != Z_OK)
        return {};
    const bool piece = state_->codec == Codec::deflate_piece;
    if (piece && !before.empty())
        deflateSetDictionary(&stream, before.data(), static_cast<uInt>(before.size()));
    stream.next_in = const_cast<Bytef*>(block.data());
    stream.avail_in = static_cast<uInt>(block.size());
    stream.next_out = state_->out.data();
    stream.avail_out = static_cast<uInt>(room);
    if (deflate(&stream, piece ? Z_SYNC_FLUSH : Z_FINISH) != (piece ? Z_OK : Z_STREAM_END) ||
        stream.avail_out == 0)
        return {};
    return ByteSpan(state_->out).first(room - stream.avail_out);
}

bool unpack_block(Codec codec, ByteSpan packed, std::span<std::uint8_t> out) {
    return codec == Codec::zstd ? unpack_zstd(packed, out) : inflate_block(codec, packed, out);
}

unsigned worker_count() {
    return std::clamp(std::thread::hardware_concurrency(), 1U, k_most_workers);
}

void in_parallel(std::size_t count, const std::function<void(unsigned, std::size_t)>& action) {
    std::atomic<std::size_t> next{0};
    const auto work = [&](unsigned worker) {
        for (std::size_t index = next++; index < count; index = next++)
            action(worker, index);
    };
    std::vector<std::jthread> threads;
    const auto wanted = static_cast<unsigned>(std::min<std::size_t>(worker_count(), count));
    for (unsigned worker = 1; worker < wanted; ++worker)
        threads.emplace_back(work, worker);
    work(0);
}

ParallelPacker::ParallelPacker(Codec codec, std::size_t block, std::size_t room, Sink sink)
    : block_(block), room_(room), sink_(std::move(sink)),
      packed_(std::max<std::size_t>(k_batch / block, worker_count())) {
    for (unsigned i = 0; i < worker_count(); ++i)
        packers_.emplace_back(codec);
    blocks_.reserve(k_window + packed_.size() * block);
}

Result<void> ParallelPacker::add(std::uint64_t number, ByteSpan block) {
    numbers_.push_back(number);
    blocks_.insert(blocks_.end(), block.begin(), block.end());
    return numbers_.size() == packed_.size() ? finish() : Result<void>();
}

Result<void> ParallelPacker::finish() {
    const ByteSpan all(blocks_);
    const auto block_at = [&](std::size_t i) { return all.subspan(view_ + i * block_, block_); };
    const auto before = [&](std::size_t i) {
        const std::size_t end = view_ + i * block_;
        const std::size_t seen = std::min(end, k_window);
        return all.subspan(end - seen, seen);
    };
    in_parallel(numbers_.size(), [&](unsigned worker, std::size_t i) {
        const ByteSpan packed = packers_[worker].pack(block_at(i), room_, before(i));
        packed_[i].assign(packed.begin(), packed.end());
    });
    for (std::size_t i = 0; i < numbers_.size(); ++i)
        UNIK_TRY(sink_({numbers_[i], block_at(i), packed_[i]}));
    view_ = before(numbers_.size()).size();
    blocks_.erase(blocks_.begin(), blocks_.end() - static_cast<std::ptrdiff_t>(view_));
    numbers_.clear();
    return {};
}

} // namespace unik::disk
