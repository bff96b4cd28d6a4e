// The kernel heap's logic: slabs of one frame for small objects (after Bonwick, "The Slab
// Allocator", 1994), runs of frames for what is larger than the largest class.
//
// A slab is a frame with a header and as many objects of one size as fit; the free ones are
// chained through themselves. A class keeps its slabs with free objects in a list, full ones in
// none. The header lies at the frame's start, so an object's slab is found by rounding its address
// down, and an address that is itself page-aligned is a run, never an object. Of slabs without any
// object in use a class keeps one and gives the others back.
#pragma once

#include <cstddef>
#include <cstdint>

#include <foundation/list.hpp>
#include <foundation/result.hpp>

namespace os::memory {

// Where the heap's frames come from, as addresses the kernel can use.
struct RunSource {
    void* (*allocate)(std::size_t frames); // null: none left
    void (*free)(void* first);
};

class Heap {
public:
    static constexpr std::size_t k_largest_object = 2032;

    constexpr explicit Heap(RunSource source) : source_(source) {}

    void* allocate(std::size_t size); // null: none left
    void free(void* pointer);

    // Bytes an allocation of this size occupies; of a run, whole pages.
    static std::size_t rounded(std::size_t size);

private:
    struct FreeObject {
        FreeObject* next;
    };
    struct Slab : ListNode<> {
        std::uint32_t magic;
        std::uint16_t class_index;
        std::uint16_t used;
        FreeObject* free;
    };
    static constexpr std::uint32_t k_magic = 0x42414c53;
    static constexpr unsigned k_classes = 21;
    struct Class {
        List<Slab> partial;
        Slab* empty = nullptr; // the one kept
    };

    Slab* new_slab(unsigned class_index);

    RunSource source_;
    Class classes_[k_classes];
};

} // namespace os::memory
