// The program's address space: areas (VMAs) in one tree, filled by demand paging.
#pragma once

#include <foundation/own.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/types.hpp>

namespace os::memory {

enum class Protection : unsigned { none = 0, read = 1, write = 2, execute = 4 };
constexpr Protection operator|(Protection a, Protection b) {
    return static_cast<Protection>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(Protection set, Protection wanted) {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(wanted)) ==
           static_cast<unsigned>(wanted);
}

// Where the pages of a mapping come from when they are first touched (null: zeroes).
class Pager : public RefCounted {
public:
    // The frame that holds the bytes at this offset (page-aligned) of the object. It stays the
    // pager's, who keeps it as it is until release_page; everyone is given the same one. Shared
    // mappings show it with their rights; private ones show it read-only and copy it at the first
    // write. It may lie in the image. Error: eio and the like become SIGBUS.
    virtual Result<PhysAddr> shared_page(std::uint64_t offset) = 0;
    // Once for each shared_page. Neither blocks nor changes mappings.
    virtual void release_page(std::uint64_t offset, PhysAddr frame) = 0;
    // What it shows the pages of, for forget_pages: pagers of one file have one object.
    virtual const void* object() const { return this; }
};

enum class Sharing { private_copy, shared };
enum class Placement { anywhere, hint, fixed, fixed_no_replace };

struct MapRequest {
    VirtAddr address = {}; // meaning by placement
    std::size_t size = 0;
    Protection protection = Protection::none;
    Sharing sharing = Sharing::private_copy;
    Placement placement = Placement::anywhere;
    Ref<Pager> pager = {};      // null: anonymous
    std::uint64_t offset = 0;   // into the pager's object, page-aligned
    const char* name = nullptr; // for /proc/self/maps; static storage or null
    bool below_4g = false;      // MAP_32BIT
    bool populate = false;
    bool grows_down = false; // MAP_GROWSDOWN: an access below makes it larger
    bool may_write = true;   // false: protect() cannot make it writable either
    // MAP_NORESERVE. Otherwise private writable memory beyond all there is, is refused (enomem).
    bool no_reserve = false;
};

// Whether mappings may be writable and executable at once (only where the image allows it).
enum class WriteExecute { refused, allowed };
void set_write_execute(WriteExecute policy);

Result<VirtAddr> map(const MapRequest& request); // eacces for W+X while refused
Result<void> unmap(VirtAddr address, std::size_t size);
Result<void> protect(VirtAddr address, std::size_t size, Protection protection);

enum class Moving { refused, allowed };
struct RemapRequest {
    VirtAddr address;
    std::size_t size = 0; // 0: another mapping of the same pages, which are shared
    std::size_t new_size = 0;
    Moving moving = Moving::refused;
    VirtAddr target{};      // where to; 0: anywhere
    bool keeps_old = false; // the old mapping stays, without pages
};
Result<VirtAddr> remap(const RemapRequest& request);

enum class Discard {
    pages,     // private pages are dropped and read as fresh ones afterwards (the program's own
               // initialised data, which lies in the image, keeps what was written to it)
    anonymous, // the same of private anonymous memory; einval for other
    contents,  // of shared anonymous memory, for everyone; einval for private memory
};
// What is mapped of the range; enomem when that was not all.
Result<void> discard(VirtAddr address, std::size_t size, Discard what = Discard::pages);
// Every page of the object from this part is looked up afresh. What private mappings have copied
// goes too when the part is not there any more.
enum class Copies { kept, dropped };
void forget_pages(const void* object, std::uint64_t start, std::uint64_t end, Copies copies);
// Whether anonymous memory in the range is to come in pages of 2 MiB, where whole ones fit and
// plenty of memory is free (madvise(2), MADV_HUGEPAGE).
enum class LargePages { avoided, preferred };
Result<void> advise_large_pages(VirtAddr address, std::size_t size, LargePages wanted);
// The heap's end, as brk(2): returns the end after the call (unchanged when it cannot be met).
VirtAddr set_program_break(VirtAddr wanted);
void initialise_program_break(VirtAddr start);

// Maps frames of the image that lie in memory already (the program's segments): pages of
// [data, data+size) appear at address; nothing is copied.
Result<void> map_image(VirtAddr address, const void* data, std::size_t size, Protection protection,
                       const char* name);

struct AreaInfo {
    VirtAddr start;
    VirtAddr end;
    Protection protection = Protection::none;
    Sharing sharing = Sharing::private_copy;
    std::uint64_t offset = 0;
    const char* name = nullptr;
};
// Visits the areas in ascending order.
void for_each_area(void (*visit)(const AreaInfo&, void* argument), void* argument);
// The area that holds the address, or failing that nothing (false).
bool find_area(VirtAddr address, AreaInfo& out);
std::size_t resident_pages();
std::size_t mapped_bytes();

enum class Access { read, write, execute };
enum class FaultOutcome {
    resolved,
    unmapped,     // SIGSEGV, SEGV_MAPERR
    forbidden,    // SIGSEGV, SEGV_ACCERR
    pager_failed, // SIGBUS
    out_of_memory,
};
// Page fault at address. Runs with interrupts on; may block in a pager.
FaultOutcome resolve_fault(VirtAddr address, Access access);

// Program pointers are checked once, at the border: the whole range is mapped with the wanted
// access when this returns ok (efault otherwise); its pages come by demand paging when touched.
Result<void> check_program_range(VirtAddr address, std::size_t size, Access access);

// A checked run of T in the program's memory.
template <typename T>
class AppSpan {
public:
    static Result<Span<const T>> readable(std::uint64_t address, std::size_t count) {
        UNIK_TRY(check(address, count, Access::read));
        return Span<const T>(reinterpret_cast<const T*>(address), count);
    }
    static Result<Span<T>> writable(std::uint64_t address, std::size_t count) {
        UNIK_TRY(check(address, count, Access::write));
        return Span<T>(reinterpret_cast<T*>(address), count);
    }

private:
    static Result<void> check(std::uint64_t address, std::size_t count, Access access) {
        if (count > (static_cast<std::size_t>(1) << 47) / sizeof(T))
            return Errno::efault;
        return check_program_range(VirtAddr{address}, count * sizeof(T), access);
    }
};

// A NUL-terminated string in the program's memory of at most `limit` bytes without the NUL
// (enametoolong beyond, efault where unmapped).
Result<StringView> program_string(std::uint64_t address, std::size_t limit = 4095);

} // namespace os::memory
