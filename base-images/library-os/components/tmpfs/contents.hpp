// The bytes of one file: pages where something was written or mapped, and zeroes everywhere else.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/vector.hpp>

#include "page_tree.hpp"

namespace os::tmpfs {

// What all files of one file system share.
struct PageBudget {
    std::uint64_t limit = 0;
    std::uint64_t used = 0;
};

class Contents {
public:
    explicit Contents(PageBudget& budget) : budget_(budget) {}
    ~Contents();

    std::uint64_t size() const { return size_; }
    std::uint64_t pages_in_use() const { return own_pages_; }

    std::size_t read(MutableBytes buffer, std::uint64_t offset) const;
    // As much as there is memory for; enospc when that is nothing.
    Result<std::size_t> write(Bytes buffer, std::uint64_t offset);
    Result<void> resize(std::uint64_t size);
    // Makes sure that later writes find memory; grows the file.
    Result<void> allocate(std::uint64_t offset, std::uint64_t size);
    Result<void> punch_hole(std::uint64_t offset, std::uint64_t size);
    // The first data or hole from offset on; the end counts as a hole. offset lies in the file.
    bool next_data(std::uint64_t offset, std::uint64_t& found) const;
    std::uint64_t next_hole(std::uint64_t offset) const;

    // For mappings; offset is page-aligned. eio beyond the end.
    Result<PhysAddr> map_page(std::uint64_t offset);
    void unmap_page(std::uint64_t offset, PhysAddr frame);

private:
    // Cut off while it was mapped: freed when the last mapping lets go.
    struct Orphan {
        PhysAddr frame;
        std::uint32_t mappings;
    };

    Result<PhysAddr> take_frame();
    void give_frame(PhysAddr frame);
    Result<Page*> own_page(std::uint64_t index);
    void drop_pages(std::uint64_t first, std::uint64_t last);
    void zero_within(std::uint64_t start, std::uint64_t end);

    PageBudget& budget_;
    std::uint64_t size_ = 0;
    PageTree pages_;
    std::uint64_t own_pages_ = 0;
    Vector<Orphan> orphans_;
};

} // namespace os::tmpfs
