#include <arch/cpu.hpp>
#include <virtio/queue.hpp>

namespace os::virtio {

// Layout of the shared memory (2.7.2): descriptor table, available ring, used ring. Little-endian,
// as this CPU is.
struct Queue::Descriptor {
    std::uint64_t address;
    std::uint32_t size;
    std::uint16_t flags;
    std::uint16_t next;
};

namespace {
constexpr std::uint16_t k_descriptor_next = 1;
constexpr std::uint16_t k_descriptor_write = 2;
constexpr std::uint16_t k_no_interrupt = 1; // available ring's flags
constexpr std::uint16_t k_no_notify = 1;    // used ring's flags
constexpr std::size_t k_descriptor_size = 16;
constexpr std::size_t k_ring_header = 4; // flags, index
constexpr std::size_t k_used_element = 8;

std::size_t available_size(std::size_t entries) {
    return k_ring_header + 2 * entries + 2;
}

void write_barrier() {
    __atomic_thread_fence(__ATOMIC_RELEASE);
}
void read_barrier() {
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
}
} // namespace

std::size_t Queue::memory_size(std::uint16_t entries) {
    const std::size_t used_start =
        align_up(k_descriptor_size * entries + available_size(entries), 4);
    return used_start + k_ring_header + k_used_element * entries + 2;
}

std::size_t Queue::available_offset() const {
    return k_descriptor_size * entries_;
}

std::size_t Queue::used_offset() const {
    return align_up(available_offset() + available_size(entries_), 4);
}

PhysAddr Queue::available() const {
    return memory_.address + available_offset();
}

PhysAddr Queue::used() const {
    return memory_.address + used_offset();
}

volatile std::uint16_t& Queue::word(std::size_t offset) const {
    return *reinterpret_cast<volatile std::uint16_t*>(static_cast<std::uint8_t*>(memory_.pointer) +
                                                      offset);
}

volatile std::uint16_t& Queue::used_event() const {
    return word(available_offset() + k_ring_header + 2 * static_cast<std::size_t>(entries_));
}

std::uint16_t Queue::used_index() const {
    return word(used_offset() + 2);
}

Result<void> Queue::initialise(QueueMemory memory, std::uint16_t entries, EventIndex event_index) {
    if (entries == 0 || entries > 32768 || (entries & (entries - 1)) != 0)
        return Errno::einval;
    UNIK_TRY(chains_.resize(entries));
    memory_ = memory;
    entries_ = entries;
    event_index_ = event_index == EventIndex::yes;
    auto* bytes = static_cast<std::uint8_t*>(memory.pointer);
    descriptors_ = static_cast<Descriptor*>(memory.pointer);
    available_ring_ =
        reinterpret_cast<volatile std::uint16_t*>(bytes + available_offset() + k_ring_header);
    used_ring_ =
        reinterpret_cast<const volatile std::uint32_t*>(bytes + used_offset() + k_ring_header);
    for (std::uint16_t i = 0; i < entries; ++i)
        chains_[i].next_free = static_cast<std::uint16_t>(i + 1);
    free_count_ = entries;
    return {};
}

Result<void> Queue::add(Span<const Segment> readable, Span<const Segment> writable, void* token) {
    const std::size_t count = readable.size() + writable.size();
    if (count == 0)
        return Errno::einval;
    if (broken_)
        return Errno::eio;
    if (count > free_count_)
        return Errno::enospc;

    Chain* const chains = chains_.data(); // free entries are the driver's own word
    const std::uint16_t head = free_head_;
    std::uint16_t index = head;
    std::uint16_t last = head;
    std::size_t left = count;
    std::uint32_t room = 0;
    const auto put = [&](Segment segment, std::uint16_t flags) {
        const std::uint16_t next = chains[index].next_free;
        flags = static_cast<std::uint16_t>(flags | (--left > 0 ? k_descriptor_next : 0));
        descriptors_[index] = {segment.address.value, segment.size, flags, next};
        last = index;
        index = next;
    };
    for (const Segment& segment : readable)
        put(segment, 0);
    for (const Segment& segment : writable) {
        put(segment, k_descriptor_write);
        room += segment.size;
    }
    chains[head].token = token;
    chains[head].writable = room;
    chains[head].length = static_cast<std::uint16_t>(count);
    chains[head].last = last;
    free_head_ = index;
    free_count_ = static_cast<std::uint16_t>(free_count_ - count);

    available_ring_[added_ & (entries_ - 1U)] = head;
    ++added_;
    return {};
}

Queue::Notify Queue::publish() {
    if (added_ == published_)
        return Notify::no;
    write_barrier();
    word(available_offset() + 2) = added_;
    const std::uint16_t before = published_;
    published_ = added_;
    arch::device_barrier();
    if (!event_index_)
        return (word(used_offset()) & k_no_notify) == 0 ? Notify::yes : Notify::no;
    // 2.7.10: notify when the index that the device asked for was passed.
    const std::uint16_t event = word(used_offset() + k_ring_header + k_used_element * entries_);
    const auto since_event = static_cast<std::uint16_t>(added_ - event - 1);
    const auto since_before = static_cast<std::uint16_t>(added_ - before);
    return since_event < since_before ? Notify::yes : Notify::no;
}

bool Queue::take_used(Used& out) {
    if (broken_)
        return false;
    const std::uint16_t index = used_index();
    if (index == taken_)
        return false;
    read_barrier();
    const volatile std::uint32_t* element =
        used_ring_ + std::size_t{2} * (taken_ & (entries_ - 1U));
    const std::uint32_t head = element[0];
    const std::uint32_t written = element[1];
    const std::uint16_t out_now = static_cast<std::uint16_t>(entries_ - free_count_);
    if (static_cast<std::uint16_t>(index - taken_) > out_now || head >= entries_ ||
        chains_[head].length == 0) {
        broken_ = true;
        return false;
    }
    Chain& chain = chains_[head];
    // QEMU's virtio-scsi counts what it has read as written too.
    out = {chain.token, written < chain.writable ? written : chain.writable};

    chains_[chain.last].next_free = free_head_;
    free_head_ = static_cast<std::uint16_t>(head);
    free_count_ = static_cast<std::uint16_t>(free_count_ + chain.length);
    chain.length = 0;
    chain.token = nullptr;
    ++taken_;
    return true;
}

void Queue::disable_interrupts() {
    if (event_index_)
        used_event() = static_cast<std::uint16_t>(taken_ - 1); // far in the future
    else
        word(available_offset()) = k_no_interrupt;
}

bool Queue::enable_interrupts(std::uint16_t after) {
    if (event_index_)
        used_event() = static_cast<std::uint16_t>(taken_ + after - 1);
    else
        word(available_offset()) = 0;
    arch::device_barrier();
    return broken_ || static_cast<std::uint16_t>(used_index() - taken_) < after;
}

} // namespace os::virtio
