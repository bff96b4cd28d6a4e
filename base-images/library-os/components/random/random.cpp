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

// The time that memory and port accesses take varies with what the machine does besides.
void add_jitter(Generator& generator) {
    std::uint64_t samples[16];
    for (std::uint64_t& sample : samples) {
        sample = arch::read_tsc();
        static_cast<void>(arch::in8(0x80)); // an exit to the hypervisor
    }
    generator.absorb(bytes_of(samples));
}

} // namespace

Result<void> start() {
    g_generator.with([](Generator& generator) {
        generator.absorb(bytes_of(arch::boot_info().entry_tsc));
        add_jitter(generator);
        std::uint64_t words[4] = {};
        bool complete = true;
        for (std::uint64_t& word : words)
            complete = complete && cpu_word(word);
        generator.absorb(bytes_of(words));
        g_seeded = complete;
    });
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
