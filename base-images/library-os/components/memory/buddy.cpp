#include "buddy.hpp"

#include <bit>
#include <new>

#include <foundation/panic.hpp>
#include <foundation/types.hpp>

namespace os::memory {

namespace {
constexpr std::uint8_t k_free = 0x80;
constexpr std::uint8_t k_used = 0x40;
constexpr std::uint8_t k_continued = 0x20;
constexpr std::uint8_t k_parked = 0x20;
constexpr std::uint8_t k_order_mask = 0x1f;

constexpr std::uint8_t head(std::uint8_t kind, unsigned order) {
    return static_cast<std::uint8_t>(kind | order);
}
constexpr std::uint64_t frames(unsigned order) {
    return std::uint64_t{1} << order;
}
// The largest block that starts at this frame and is no longer than count.
unsigned fitting_order(std::uint64_t frame, std::uint64_t count) {
    const auto aligned = frame == 0 ? 63U : static_cast<unsigned>(std::countr_zero(frame));
    const auto sized = static_cast<unsigned>(std::bit_width(count)) - 1;
    const unsigned order = aligned < sized ? aligned : sized;
    return order < Buddy::k_orders ? order : Buddy::k_orders - 1;
}
} // namespace

std::uint64_t Buddy::table_size(FrameRange range) {
    const std::uint64_t large_blocks =
        ((range.end - 1) >> k_large_order) - (range.first >> k_large_order) + 1;
    return align_up(large_blocks * sizeof(Block) + range.count(), alignof(Block));
}

void Buddy::add_zone(FrameRange range, std::uint8_t* tables) {
    UNIK_ASSERT(zone_count_ < k_most_zones);
    // The largest comes first: most frames that zone_of() looks for are there.
    unsigned at = zone_count_++;
    for (; at > 0 && zones_[at - 1].range.count() < range.count(); --at)
        zones_[at] = zones_[at - 1];
    Zone& zone = zones_[at];
    zone.range = range;
    zone.large_blocks = reinterpret_cast<Block*>(tables);
    zone.states = tables + table_size(range) - align_up(range.count(), alignof(Block));
}

const Buddy::Zone* Buddy::zone_of(std::uint64_t frame) const {
    for (unsigned i = 0; i < zone_count_; ++i)
        if (frame - zones_[i].range.first < zones_[i].range.end - zones_[i].range.first)
            return &zones_[i];
    return nullptr;
}

std::uint8_t* Buddy::state(std::uint64_t frame) {
    const Zone* zone = zone_of(frame);
    return zone == nullptr ? nullptr : zone->states + (frame - zone->range.first);
}

Buddy::Block* Buddy::block(std::uint64_t frame, unsigned order) {
    if (order < k_large_order)
        return reinterpret_cast<Block*>(base_ + frame * k_page_size);
    const Zone* zone = zone_of(frame);
    return zone->large_blocks + ((frame >> k_large_order) - (zone->range.first >> k_large_order));
}

void Buddy::release(FrameRange range) {
    total_ += range.count();
    while (!range.empty()) {
        const unsigned order = fitting_order(range.first, range.count());
        insert(range.first, order);
        range.first += frames(order);
    }
}

void Buddy::put(std::uint64_t frame, unsigned order) {
    *state(frame) = head(k_free, order);
    Block* node = new (block(frame, order)) Block;
    node->frame = frame;
    lists_[order].push_front(*node);
    filled_ |= 1U << order;
}

void Buddy::take(std::uint64_t frame, unsigned order) {
    *state(frame) = 0;
    List<Block>::remove(*block(frame, order));
    if (lists_[order].empty())
        filled_ &= ~(1U << order);
}

void Buddy::insert(std::uint64_t frame, unsigned order) {
    free_ += frames(order);
    while (order + 1 < k_orders) {
        const std::uint64_t buddy = frame ^ frames(order);
        const std::uint8_t* buddy_state = state(buddy);
        if (buddy_state == nullptr || *buddy_state != head(k_free, order))
            break;
        take(buddy, order);
        frame &= ~frames(order);
        ++order;
    }
    put(frame, order);
}

Result<std::uint64_t> Buddy::allocate(unsigned order) {
    if (order >= k_orders)
        return Errno::enomem;
    const std::uint32_t candidates = filled_ & ~((1U << order) - 1);
    if (candidates == 0)
        return Errno::enomem;
    const auto found = static_cast<unsigned>(std::countr_zero(candidates));
    return split(lists_[found].front()->frame, found, order);
}

Result<std::uint64_t> Buddy::allocate_below(std::uint64_t limit, unsigned order) {
    for (unsigned found = order; found < k_orders; ++found)
        for (Block* block = lists_[found].front(); block != nullptr;
             block = lists_[found].next(*block))
            if (block->frame + frames(order) <= limit)
                return split(block->frame, found, order);
    return Errno::enomem;
}

std::uint64_t Buddy::split(std::uint64_t frame, unsigned found, unsigned order) {
    take(frame, found);
    while (found > order) {
        --found;
        put(frame + frames(found), found);
    }
    free_ -= frames(order);
    *state(frame) = head(k_used, order);
    return frame;
}

void Buddy::free(std::uint64_t frame, unsigned order) {
    std::uint8_t* at = state(frame);
    UNIK_ASSERT(at != nullptr && *at == head(k_used, order));
    *at = 0;
    insert(frame, order);
}

Result<std::uint64_t> Buddy::allocate_run(std::uint64_t count) {
    if (count == 0 || count > frames(k_orders - 1))
        return Errno::enomem;
    const auto order = static_cast<unsigned>(std::bit_width(count - 1));
    const std::uint64_t first = UNIK_TRY(allocate(order));
    if (count == frames(order))
        return first;
    *state(first) = 0;
    std::uint64_t at = first;
    for (std::uint64_t left = count; left != 0;) {
        const unsigned part = fitting_order(at, left);
        left -= frames(part);
        *state(at) = static_cast<std::uint8_t>(head(k_used, part) | (left == 0 ? 0 : k_continued));
        at += frames(part);
    }
    for (const std::uint64_t end = first + frames(order); at != end;) {
        const unsigned part = fitting_order(at, end - at);
        insert(at, part);
        at += frames(part);
    }
    return first;
}

void Buddy::free_run(std::uint64_t frame) {
    bool more = true;
    while (more) {
        std::uint8_t* at = state(frame);
        UNIK_ASSERT(at != nullptr && (*at & k_used) != 0);
        more = (*at & k_continued) != 0;
        const unsigned order = *at & k_order_mask;
        *at = 0;
        insert(frame, order);
        frame += frames(order);
    }
}

std::uint64_t Buddy::run_length(std::uint64_t frame) {
    std::uint64_t length = 0;
    for (bool more = true; more;) {
        const std::uint8_t* at = state(frame + length);
        UNIK_ASSERT(at != nullptr && (*at & k_used) != 0);
        more = (*at & k_continued) != 0;
        length += frames(*at & k_order_mask);
    }
    return length;
}

void Buddy::separate(std::uint64_t frame, unsigned order) {
    std::uint8_t* states = state(frame);
    UNIK_ASSERT(states != nullptr && *states == head(k_used, order));
    for (std::uint64_t i = 0; i < frames(order); ++i)
        states[i] = head(k_used, 0);
}

void Buddy::park(std::uint64_t frame) {
    std::uint8_t* at = state(frame);
    UNIK_ASSERT(at != nullptr && *at == head(k_used, 0));
    *at = k_parked;
}

void Buddy::unpark(std::uint64_t frame) {
    *state(frame) = head(k_used, 0);
}

} // namespace os::memory
