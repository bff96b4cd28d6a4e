// What lwIP asks of the kernel: memory, time, randomness, checksums.
#include <clock/clock.hpp>
#include <foundation/heap.hpp>
#include <foundation/panic.hpp>
#include <random/random.hpp>

#include <lwip/opt.h>

#include <arch/hooks.h>
#include <lwip/sys.h>

void* unik_lwip_allocate(size_t size) {
    return os::heap_allocate(size);
}

void* unik_lwip_allocate_zeroed(size_t count, size_t size) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes))
        return nullptr;
    void* memory = os::heap_allocate(bytes);
    if (memory != nullptr)
        __builtin_memset(memory, 0, bytes);
    return memory;
}

void unik_lwip_free(void* pointer) {
    os::heap_free(pointer);
}

uint32_t unik_lwip_random() {
    uint32_t value = 0;
    os::random::fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    return value;
}

void unik_lwip_assertion_failed(const char* message, const char* file, int line) {
    os::panic("lwIP: %s (%s:%d)", message, file, line);
}

uint32_t unik_lwip_first_sequence_number(const ip_addr_t*, uint16_t, const ip_addr_t*, uint16_t) {
    return unik_lwip_random();
}

u32_t sys_now() {
    return static_cast<u32_t>(os::clock::monotonic().value / 1000000);
}

// The ones' complement sum of the bytes as little-endian 16-bit words (RFC 1071). Words of 32 bits
// add up to the same, and 64 bits hold the sum of more of them than a packet has. Most sums are of
// headers, a few words long.
uint16_t unik_lwip_checksum(const void* data, int size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    auto left = static_cast<std::size_t>(size);
    std::uint64_t sum = 0;
    for (; left >= 16; left -= 16, bytes += 16) {
        std::uint32_t words[4];
        __builtin_memcpy(words, bytes, sizeof words);
        sum += words[0];
        sum += words[1];
        sum += words[2];
        sum += words[3];
    }
    for (; left >= 4; left -= 4, bytes += 4) {
        std::uint32_t word;
        __builtin_memcpy(&word, bytes, sizeof word);
        sum += word;
    }
    if ((left & 2) != 0) {
        std::uint16_t word;
        __builtin_memcpy(&word, bytes, sizeof word);
        sum += word;
        bytes += sizeof word;
    }
    if ((left & 1) != 0)
        sum += *bytes;
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16); // at most 17 bits and a carry
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}
