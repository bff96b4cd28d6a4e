#include "sockets/receive_queue.hpp"

#include <cstring>
#include <string>

#include <doctest/doctest.h>

#include "stand_ins.hpp"

using os::sockets::ReceiveQueue;

namespace {
pbuf* piece(const std::string& text) {
    pbuf* out = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(text.size()), PBUF_RAM);
    std::memcpy(out->payload, text.data(), text.size());
    return out;
}

std::string take(ReceiveQueue& queue, std::size_t most) {
    std::string out(most, '\0');
    out.resize(queue.take({reinterpret_cast<std::uint8_t*>(out.data()), most}));
    return out;
}

std::string peek(const ReceiveQueue& queue, std::size_t most, std::size_t offset) {
    std::string out(most, '\0');
    out.resize(queue.peek({reinterpret_cast<std::uint8_t*>(out.data()), most}, offset));
    return out;
}
} // namespace

TEST_CASE("bytes come out in order, whatever the pieces they came in") {
    const std::size_t before = host::living_blocks();
    {
        ReceiveQueue queue;
        std::string all;
        std::string seen;
        for (unsigned i = 0; i < 400; ++i) {
            const std::string text(i % 7 == 0 ? 1460 : i % 40 + 1, static_cast<char>('a' + i % 26));
            pbuf* chain = piece(text);
            all += text;
            if (i % 5 == 0) {
                pbuf_cat(chain, piece("chained"));
                all += "chained";
            }
            queue.append(chain);
            if (i % 3 == 0)
                seen += take(queue, i);
        }
        CHECK(queue.size() == all.size() - seen.size());
        while (!queue.empty())
            seen += take(queue, 999);
        CHECK(seen == all);
        CHECK(take(queue, 10).empty());
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("peeking takes nothing and may begin anywhere") {
    ReceiveQueue queue;
    queue.append(piece("hello "));
    queue.append(piece("world"));
    CHECK(peek(queue, 100, 0) == "hello world");
    CHECK(peek(queue, 3, 5) == " wo");
    CHECK(peek(queue, 3, 11).empty());
    CHECK(take(queue, 2) == "he");
    CHECK(peek(queue, 100, 3) == " world");
    CHECK(queue.drop(4) == 4);
    CHECK(take(queue, 100) == "world");
}

TEST_CASE("many single bytes take little memory") {
    ReceiveQueue queue;
    const std::size_t before = host::living_blocks();
    for (unsigned i = 0; i < 10000; ++i)
        queue.append(piece("x"));
    CHECK(queue.size() == 10000);
    CHECK(host::living_blocks() - before < 10);
    CHECK(take(queue, 20000) == std::string(10000, 'x'));
}

TEST_CASE("without memory to gather in, the pieces themselves are kept") {
    ReceiveQueue queue;
    queue.append(piece("one"));
    pbuf* second = piece("two");
    host::limit_allocations(0);
    queue.append(second);
    host::unlimited_memory();
    CHECK(take(queue, 10) == "onetwo");
}
