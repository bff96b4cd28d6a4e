#include "heap.hpp"

#include <new>

#include <foundation/panic.hpp>
#include <foundation/types.hpp>

namespace os::memory {

namespace {

// Above 512 bytes: what a frame without its header holds 7, 6, 5, 4, 3 and 2 of.
constexpr std::uint16_t k_sizes[] = {16,  32,  48,  64,  80,  96,  112, 128,  160,  192, 224,
                                     256, 320, 384, 448, 576, 672, 800, 1008, 1344, 2032};
constexpr std::size_t k_granule = 16;
constexpr std::size_t k_header = 48;

struct ClassTable {
    std::uint8_t of[Heap::k_largest_object / k_granule + 1] = {};
    constexpr ClassTable() {
        std::uint8_t index = 0;
        for (std::size_t granules = 0; granules < sizeof of; ++granules) {
            while (k_sizes[index] < granules * k_granule)
                ++index;
            of[granules] = index;
        }
    }
};
constexpr ClassTable k_class;

unsigned class_of(std::size_t size) {
    return k_class.of[(size + k_granule - 1) / k_granule];
}

std::size_t frames_for(std::size_t size) {
    return (size + k_page_size - 1) / k_page_size;
}

} // namespace

std::size_t Heap::rounded(std::size_t size) {
    return size <= k_largest_object ? k_sizes[class_of(size)] : align_up(size, k_page_size);
}

Heap::Slab* Heap::new_slab(unsigned class_index) {
    static_assert(sizeof(Slab) <= k_header);
    static_assert(sizeof k_sizes / sizeof k_sizes[0] == k_classes);
    void* frame = source_.allocate(1);
    if (frame == nullptr)
        return nullptr;
    Slab* slab = new (frame) Slab;
    slab->magic = k_magic;
    slab->class_index = static_cast<std::uint16_t>(class_index);
    slab->used = 0;
    slab->free = nullptr;
    const std::size_t size = k_sizes[class_index];
    auto* start = static_cast<std::uint8_t*>(frame) + k_header;
    // Chained from the back, so that objects are handed out in ascending order.
    for (std::size_t i = (k_page_size - k_header) / size; i-- > 0;)
        slab->free = new (start + i * size) FreeObject{slab->free};
    return slab;
}

void* Heap::allocate(std::size_t size) {
    if (size > k_largest_object) {
        if (size > SIZE_MAX - k_page_size)
            return nullptr;
        return source_.allocate(frames_for(size));
    }
    const unsigned index = class_of(size);
    Class& objects = classes_[index];
    Slab* slab = objects.partial.front();
    if (slab == nullptr) {
        slab = objects.empty != nullptr ? objects.empty : new_slab(index);
        if (slab == nullptr)
            return nullptr;
        objects.empty = nullptr;
        objects.partial.push_front(*slab);
    }
    FreeObject* object = slab->free;
    slab->free = object->next;
    ++slab->used;
    if (slab->free == nullptr)
        List<Slab>::remove(*slab);
    return object;
}

void Heap::free(void* pointer) {
    const auto address = reinterpret_cast<std::uint64_t>(pointer);
    if (address % k_page_size == 0) {
        if (pointer != nullptr)
            source_.free(pointer);
        return;
    }
    auto* slab = reinterpret_cast<Slab*>(align_down(address, k_page_size));
    UNIK_ASSERT(slab->magic == k_magic && address % k_granule == 0 && slab->used != 0);
    Class& objects = classes_[slab->class_index];
    if (slab->free == nullptr)
        objects.partial.push_front(*slab);
    slab->free = new (pointer) FreeObject{slab->free};
    if (--slab->used != 0)
        return;
    List<Slab>::remove(*slab);
    if (objects.empty == nullptr) {
        objects.empty = slab;
        return;
    }
    slab->magic = 0;
    source_.free(slab);
}

} // namespace os::memory
