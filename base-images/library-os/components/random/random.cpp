// The kernel's one generator and what seeds it.
#include <random/random.hpp>

#include <arch/boot_info.hpp>
#include <arch/cpu.hpp>
#include <foundation/lock.hpp>

#include "generator.hpp"

namespace os::random {
namespace {

// Nothing is locked inside it.
constinit Guarded<Generator> g_generator{LockRank::devices};
constinit bool g_seeded = false;

template <typename T>
Bytes bytes_of(const T& value) {
    return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

bool cpu_word(std::uint64_t& word) {
    constexpr unsigned k_attempts = 10; // as Intel advises
    for (unsigned i = 0; i < k_attempts; ++i)
        if (arch::random_seed(word) || arch::random_number(word))
            return true;
    return false;
}

// What there is at the start, absorbed at once.
struct Seed {
    std::uint64_t entry_tsc = 0;
    std::uint64_t words[4] = {};
    std::uint32_t jitter[12] = {};
};
static_assert(sizeof(Seed) == 88);

// The time that port accesses take varies with what the machine does besides.
void sample_jitter(Seed& seed) {
    for (std::uint32_t& sample : seed.jitter) {
        static_cast<void>(arch::in8(0x80)); // an exit to the hypervisor
        sample = static_cast<std::uint32_t>(arch::read_tsc());
    }
}

} // namespace

Result<void> start() {
    Seed seed;
    seed.entry_tsc = arch::boot_info().entry_tsc;
    bool complete = true;
    for (std::uint64_t& word : seed.words)
        complete = complete && cpu_word(word);
    sample_jitter(seed);
    g_generator.with([&](Generator& generator) { generator.absorb(bytes_of(seed)); });
    g_seeded = complete;
    return {};
}

void fill(MutableBytes out) {
    // By way of a buffer: the program's memory may fault, which must not happen under the lock.
    std::uint8_t buffer[288]; // what a first and four more blocks give
    for (std::size_t done = 0; done < out.size(); done += sizeof buffer) {
        const MutableBytes part = out.part(done, sizeof buffer);
        g_generator.with([&](Generator& generator) {
            // Without a real source at least each call adds its time.
            if (!g_seeded)
                generator.absorb(bytes_of(arch::read_tsc()));
            generator.fill({buffer, part.size()});
        });
        __builtin_memcpy(part.data(), buffer, part.size());
    }
    __builtin_memset(buffer, 0, sizeof buffer);
    asm volatile("" : : "r"(buffer) : "memory"); // the wiping stays
}

void add_entropy(Bytes bytes) {
    g_generator.with([bytes](Generator& generator) {
        const std::uint64_t now = arch::read_tsc();
        generator.absorb(bytes);
        generator.absorb(bytes_of(now));
        g_seeded = g_seeded || bytes.size() >= 32;
    });
}

bool seeded() {
    return g_seeded;
}

} // namespace os::random
