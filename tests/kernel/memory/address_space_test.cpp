#include <memory/address_space.hpp>

#include <cstdlib>
#include <map>
#include <random>
#include <vector>

#include "fake_machine.hpp"
#include "memory/address_space_state.hpp"
#include "memory/frame_access.hpp"

#include <doctest/doctest.h>

namespace {

using namespace os::memory;
using os::Errno;
using os::PhysAddr;
using os::VirtAddr;

constexpr std::uint64_t k_page = 4096;
constexpr Protection k_read_write = Protection::read | Protection::write;

struct Fixture {
    ~Fixture() { g_machine.reset(); }

    static std::uint64_t map_pages(std::uint64_t pages, Protection protection = k_read_write) {
        const auto at = map({.size = pages * k_page, .protection = protection});
        REQUIRE(at.ok());
        return at.value().value;
    }
    static std::uint8_t read(std::uint64_t address) {
        std::uint8_t value = 0;
        REQUIRE(g_machine.read(address, value));
        return value;
    }
    static bool reads(std::uint64_t address) {
        std::uint8_t value = 0;
        return g_machine.read(address, value);
    }
    static FaultOutcome fault(std::uint64_t address, Access access) {
        return resolve_fault(VirtAddr{address}, access);
    }
    static std::size_t count_areas() {
        std::size_t count = 0;
        for_each_area([](const AreaInfo&, void* sum) { ++*static_cast<std::size_t*>(sum); },
                      &count);
        return count;
    }
    static Errno error_of(const os::Result<void>& result) {
        REQUIRE_FALSE(result.ok());
        return result.error();
    }
    static Errno error_of(const os::Result<VirtAddr>& result) {
        REQUIRE_FALSE(result.ok());
        return result.error();
    }
};

// Pages whose bytes are their number.
class Counting : public Pager {
public:
    os::Result<PhysAddr> shared_page(std::uint64_t offset) override {
        if (before_return)
            before_return();
        if (fails != Errno{})
            return fails;
        if (!pages.count(offset)) {
            const PhysAddr frame = UNIK_TRY(allocate_program_frame());
            __builtin_memset(frame_bytes(frame), static_cast<int>(offset / k_page), k_page);
            pages[offset] = frame;
        }
        ++uses[offset];
        return pages[offset];
    }
    void release_page(std::uint64_t offset, PhysAddr frame) override {
        CHECK(pages[offset] == frame);
        CHECK(uses[offset]-- > 0);
    }
    ~Counting() override {
        for (const auto& [offset, count] : uses)
            CHECK(count == 0);
        for (const auto& [offset, frame] : pages)
            free_program_frame(frame);
    }

    std::map<std::uint64_t, PhysAddr> pages;
    std::map<std::uint64_t, int> uses;
    Errno fails{};
    void (*before_return)() = nullptr;
};

os::Ref<Counting> make_pager() {
    auto pager = os::try_make_ref<Counting>();
    REQUIRE(pager.ok());
    return std::move(pager).value();
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "fresh memory reads as zeroes and keeps what is written") {
    const std::uint64_t at = map_pages(4);
    CHECK(read(at + 100) == 0);
    CHECK(g_machine.write(at + 100, 7));
    CHECK(read(at + 100) == 7);
    CHECK(resident_pages() == 1);
    CHECK(mapped_bytes() == 4 * k_page);
}

TEST_CASE_FIXTURE(Fixture, "mappings grow downwards and join") {
    const std::uint64_t first = map_pages(2);
    const std::uint64_t second = map_pages(3);
    CHECK(second == first - 3 * k_page);
    CHECK(count_areas() == 1);
}

TEST_CASE_FIXTURE(Fixture, "faults are told apart") {
    const std::uint64_t at = map_pages(1, Protection::read);
    CHECK(fault(at, Access::write) == FaultOutcome::forbidden);
    CHECK(fault(at, Access::execute) == FaultOutcome::forbidden);
    CHECK(fault(at, Access::read) == FaultOutcome::resolved);
    CHECK(fault(at + k_page, Access::read) == FaultOutcome::unmapped);
    g_machine.frames_left = 0;
    const std::uint64_t other = map_pages(1);
    CHECK(fault(other, Access::write) == FaultOutcome::out_of_memory);
    g_machine.frames_left = 1;
    g_machine.tables_left = 0;
    CHECK(fault(other, Access::write) == FaultOutcome::out_of_memory);
    CHECK(g_machine.frames.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "memory that is writable and executable is refused unless allowed") {
    const Protection all = k_read_write | Protection::execute;
    CHECK(error_of(map({.size = k_page, .protection = all})) == Errno::eacces);
    const std::uint64_t at = map_pages(1);
    CHECK(error_of(protect(VirtAddr{at}, k_page, all)) == Errno::eacces);
    CHECK(protect(VirtAddr{at}, k_page, Protection::read | Protection::execute).ok());
    set_write_execute(WriteExecute::allowed);
    CHECK(protect(VirtAddr{at}, k_page, all).ok());
}

TEST_CASE_FIXTURE(Fixture, "an unmapped middle leaves both ends and their bytes") {
    const std::uint64_t at = map_pages(5);
    for (std::uint64_t i = 0; i < 5; ++i)
        CHECK(g_machine.write(at + i * k_page, static_cast<std::uint8_t>(i + 1)));
    CHECK(unmap(VirtAddr{at + k_page}, 3 * k_page).ok());
    CHECK(read(at) == 1);
    CHECK(read(at + 4 * k_page) == 5);
    CHECK_FALSE(reads(at + 2 * k_page));
    CHECK(resident_pages() == 2);
}

TEST_CASE_FIXTURE(Fixture, "protection none hides pages without losing them") {
    const std::uint64_t at = map_pages(3);
    CHECK(g_machine.write(at + k_page, 9));
    CHECK(protect(VirtAddr{at}, 3 * k_page, Protection::none).ok());
    CHECK_FALSE(reads(at + k_page));
    CHECK(protect(VirtAddr{at}, 3 * k_page, Protection::read).ok());
    CHECK(read(at + k_page) == 9);
    CHECK_FALSE(g_machine.write(at + k_page, 1));
}

TEST_CASE_FIXTURE(Fixture, "protecting what has holes is refused and changes nothing") {
    const std::uint64_t at = map_pages(3);
    CHECK(unmap(VirtAddr{at + k_page}, k_page).ok());
    CHECK(error_of(protect(VirtAddr{at}, 3 * k_page, Protection::read)) == Errno::enomem);
    CHECK(g_machine.write(at, 1));
}

TEST_CASE_FIXTURE(Fixture, "fixed places replace, fixed_no_replace refuses, hints give way") {
    const std::uint64_t at = map_pages(3);
    CHECK(g_machine.write(at + k_page, 9));
    const MapRequest middle{.address = VirtAddr{at + k_page},
                            .size = k_page,
                            .protection = k_read_write,
                            .placement = Placement::fixed_no_replace};
    CHECK(error_of(map(middle)) == Errno::eexist);
    MapRequest request = middle;
    request.placement = Placement::hint;
    const auto elsewhere = map(request);
    REQUIRE(elsewhere.ok());
    CHECK(elsewhere.value().value != at + k_page);
    request.placement = Placement::fixed;
    CHECK(map(request).value().value == at + k_page);
    CHECK(read(at + k_page) == 0);
    request.address = VirtAddr{0x5000'0000};
    request.placement = Placement::hint;
    CHECK(map(request).value().value == 0x5000'0000);
}

TEST_CASE_FIXTURE(Fixture, "requests that no address space can hold are refused") {
    CHECK(error_of(map({.size = 0})) == Errno::einval);
    CHECK(error_of(map({.size = SIZE_MAX})) == Errno::enomem);
    CHECK(error_of(map({.size = 1ULL << 47})) == Errno::enomem);
    CHECK(error_of(map({.address = VirtAddr{0x7ffffffff000},
                        .size = k_page,
                        .placement = Placement::fixed})) == Errno::enomem);
    CHECK(error_of(
              map({.address = VirtAddr{0x1000}, .size = k_page, .placement = Placement::fixed})) ==
          Errno::eperm);
    CHECK(error_of(map(
              {.address = VirtAddr{0x123456}, .size = k_page, .placement = Placement::fixed})) ==
          Errno::einval);
    CHECK(error_of(map({.address = VirtAddr{0xffff800000000000},
                        .size = k_page,
                        .placement = Placement::fixed})) == Errno::enomem);
    CHECK(error_of(unmap(VirtAddr{0xffffffff80200000}, k_page)) == Errno::enomem);
    // 4 GiB is all there is here.
    CHECK(error_of(map({.size = 8ULL << 30, .protection = k_read_write})) == Errno::enomem);
    CHECK(map({.size = 8ULL << 30, .protection = Protection::none}).ok());
    CHECK(map({.size = 8ULL << 30, .protection = k_read_write, .no_reserve = true}).ok());
}

TEST_CASE_FIXTURE(Fixture, "below_4g stays in the low 2 GiB") {
    const auto at = map({.size = k_page, .protection = Protection::read, .below_4g = true});
    REQUIRE(at.ok());
    CHECK(at.value().value < 0x80000000);
}

TEST_CASE_FIXTURE(Fixture, "populated memory has its frames at once") {
    REQUIRE(map({.size = 8 * k_page, .protection = k_read_write, .populate = true}).ok());
    CHECK(resident_pages() == 8);
}

TEST_CASE_FIXTURE(Fixture, "discarded pages read as zeroes, shared ones stay") {
    const std::uint64_t at = map_pages(2);
    CHECK(g_machine.write(at, 1));
    CHECK(discard(VirtAddr{at}, 2 * k_page).ok());
    CHECK(g_machine.frames.empty());
    CHECK(read(at) == 0);
    const auto shared =
        map({.size = k_page, .protection = k_read_write, .sharing = Sharing::shared});
    CHECK(g_machine.write(shared.value().value, 5));
    CHECK(discard(shared.value(), k_page).ok());
    CHECK(read(shared.value().value) == 5);
    CHECK(error_of(discard(VirtAddr{0x20000}, k_page)) == Errno::enomem);
}

TEST_CASE_FIXTURE(Fixture, "the program break grows and shrinks, and stops at other areas") {
    initialise_program_break(VirtAddr{0x10000123});
    CHECK(set_program_break(VirtAddr{}).value == 0x10001000);
    CHECK(set_program_break(VirtAddr{0x10003010}).value == 0x10003010);
    CHECK(g_machine.write(0x10003fff, 3));
    CHECK_FALSE(g_machine.write(0x10004000, 3));
    CHECK(set_program_break(VirtAddr{0x10001800}).value == 0x10001800);
    CHECK_FALSE(reads(0x10003000));
    REQUIRE(map({.address = VirtAddr{0x10008000},
                 .size = k_page,
                 .protection = Protection::read,
                 .placement = Placement::fixed})
                .ok());
    CHECK(set_program_break(VirtAddr{0x10009000}).value == 0x10001800);
    CHECK(set_program_break(VirtAddr{0xffff800000000000}).value == 0x10001800);
    CHECK(set_program_break(VirtAddr{0x10008000}).value == 0x10008000);
}

TEST_CASE_FIXTURE(Fixture, "remapping shrinks, grows in place, or moves the pages") {
    const std::uint64_t at = map_pages(4);
    for (std::uint64_t i = 0; i < 4; ++i)
        CHECK(g_machine.write(at + i * k_page, static_cast<std::uint8_t>(i + 1)));
    CHECK(remap(VirtAddr{at}, 4 * k_page, 2 * k_page, false, {}).value().value == at);
    CHECK_FALSE(reads(at + 2 * k_page));
    CHECK(remap(VirtAddr{at}, 2 * k_page, 3 * k_page, false, {}).value().value == at);
    CHECK(read(at + 2 * k_page) == 0);
    REQUIRE(map({.address = VirtAddr{at + 3 * k_page},
                 .size = k_page,
                 .protection = Protection::read,
                 .placement = Placement::fixed})
                .ok());
    CHECK(error_of(remap(VirtAddr{at}, 3 * k_page, 9 * k_page, false, {})) == Errno::enomem);
    const auto moved = remap(VirtAddr{at}, 3 * k_page, 9 * k_page, true, {});
    REQUIRE(moved.ok());
    CHECK(read(moved.value().value + k_page) == 2);
    CHECK(read(moved.value().value + 8 * k_page) == 0);
    CHECK_FALSE(reads(at));
    const auto fixed = remap(moved.value(), 9 * k_page, k_page, true, VirtAddr{0x40000000});
    CHECK(fixed.value().value == 0x40000000);
    CHECK(read(0x40000000) == 1);
    CHECK(error_of(remap(VirtAddr{0x40000000}, k_page, k_page, true, VirtAddr{0x40000000})) ==
          Errno::einval);
    CHECK(error_of(remap(VirtAddr{0x50000000}, k_page, 2 * k_page, true, {})) == Errno::efault);
}

TEST_CASE_FIXTURE(Fixture, "a move that runs out of tables leaves everything as it was") {
    const std::uint64_t at = map_pages(8);
    for (std::uint64_t i = 0; i < 8; ++i)
        CHECK(g_machine.write(at + i * k_page, static_cast<std::uint8_t>(i + 1)));
    // The way back needs no new table.
    g_machine.tables_left = 5;
    struct Refill {
        static void now() { g_machine.tables_left = SIZE_MAX; }
    };
    g_machine.when_refused = &Refill::now;
    CHECK(error_of(remap(VirtAddr{at}, 8 * k_page, 8 * k_page, true, VirtAddr{0x40000000})) ==
          Errno::enomem);
    g_machine.when_refused = nullptr;
    for (std::uint64_t i = 0; i < 8; ++i)
        CHECK(read(at + i * k_page) == i + 1);
    CHECK_FALSE(reads(0x40000000));
}

TEST_CASE_FIXTURE(Fixture, "pages of hidden memory move with it") {
    const std::uint64_t at = map_pages(2);
    CHECK(g_machine.write(at, 4));
    CHECK(protect(VirtAddr{at}, 2 * k_page, Protection::none).ok());
    REQUIRE(remap(VirtAddr{at}, 2 * k_page, 2 * k_page, true, VirtAddr{0x40000000}).ok());
    CHECK_FALSE(reads(0x40000000));
    CHECK(protect(VirtAddr{0x40000000}, 2 * k_page, Protection::read).ok());
    CHECK(read(0x40000000) == 4);
}

TEST_CASE_FIXTURE(Fixture, "a private mapping has its own copy, a shared one the pager's page") {
    const auto pager = make_pager();
    const auto own = map({.size = 4 * k_page, .protection = k_read_write, .pager = pager});
    const auto shared = map({.size = 4 * k_page,
                             .protection = k_read_write,
                             .sharing = Sharing::shared,
                             .pager = pager,
                             .offset = 2 * k_page});
    CHECK(read(own.value().value + 3 * k_page) == 3);
    CHECK(g_machine.write(own.value().value + 3 * k_page, 77));
    CHECK(read(shared.value().value + k_page) == 3);
    CHECK(g_machine.write(shared.value().value + k_page, 99));
    CHECK(*static_cast<std::uint8_t*>(frame_bytes(pager->pages[3 * k_page])) == 99);
    CHECK(read(own.value().value + 3 * k_page) == 77);
    CHECK(discard(own.value(), 4 * k_page).ok());
    CHECK(read(own.value().value + 3 * k_page) == 99);
}

TEST_CASE_FIXTURE(Fixture, "what is left of a cut mapping still shows the right pages") {
    const auto pager = make_pager();
    for (const Sharing sharing : {Sharing::private_copy, Sharing::shared}) {
        const std::uint64_t at = map({.size = 9 * k_page,
                                      .protection = k_read_write,
                                      .sharing = sharing,
                                      .pager = pager,
                                      .offset = 10 * k_page})
                                     .value()
                                     .value;
        for (std::uint64_t i = 0; i < 9; i += 2)
            CHECK(read(at + i * k_page) == 10 + i);
        CHECK(unmap(VirtAddr{at}, k_page).ok());
        CHECK(unmap(VirtAddr{at + 8 * k_page}, k_page).ok());
        CHECK(unmap(VirtAddr{at + 4 * k_page}, k_page).ok());
        CHECK(protect(VirtAddr{at + 2 * k_page}, k_page, Protection::read).ok());
        for (const std::uint64_t i : {1U, 2U, 3U, 5U, 6U, 7U})
            CHECK(read(at + i * k_page) == 10 + i);
        for (const std::uint64_t i : {0U, 4U, 8U})
            CHECK_FALSE(reads(at + i * k_page));
        CHECK(unmap(VirtAddr{at}, 9 * k_page).ok());
    }
}

TEST_CASE_FIXTURE(Fixture, "a mapping that fills the gap between two that it continues makes one") {
    const auto pager = make_pager();
    const auto place = [&](std::uint64_t page) {
        REQUIRE(map({.address = VirtAddr{0x40000000 + page * k_page},
                     .size = k_page,
                     .protection = Protection::read,
                     .placement = Placement::fixed,
                     .pager = pager,
                     .offset = page * k_page})
                    .ok());
    };
    place(3);
    place(5);
    CHECK(count_areas() == 2);
    place(4);
    CHECK(count_areas() == 1);
    place(2);
    CHECK(count_areas() == 1);
    for (const std::uint64_t page : {2U, 3U, 4U, 5U})
        CHECK(read(0x40000000 + page * k_page) == page);
}

TEST_CASE_FIXTURE(Fixture, "a pager's failure and its want of memory are told apart") {
    const auto pager = make_pager();
    const auto at = map({.size = k_page, .protection = Protection::read, .pager = pager});
    pager->fails = Errno::eio;
    CHECK(fault(at.value().value, Access::read) == FaultOutcome::pager_failed);
    pager->fails = Errno::enomem;
    CHECK(fault(at.value().value, Access::read) == FaultOutcome::out_of_memory);
}

TEST_CASE_FIXTURE(Fixture, "a page that comes when its area has gone is given back") {
    static std::uint64_t place = 0;
    const auto pager = make_pager();
    place = map({.size = k_page, .protection = Protection::read, .pager = pager}).value().value;
    pager->before_return = [] { CHECK(unmap(VirtAddr{place}, k_page).ok()); };
    CHECK(fault(place, Access::read) == FaultOutcome::resolved);
    CHECK(pager->uses[0] == 0);
    CHECK(resident_pages() == 0);
    CHECK(fault(place, Access::read) == FaultOutcome::unmapped);
}

TEST_CASE_FIXTURE(Fixture, "private mappings show the pager's page until they write") {
    const auto pager = make_pager();
    const MapRequest request{.size = 2 * k_page, .protection = k_read_write, .pager = pager};
    const std::uint64_t one = map(request).value().value;
    const std::uint64_t two = map(request).value().value;
    CHECK(read(one + k_page) == 1);
    CHECK(read(two + k_page) == 1);
    CHECK(g_machine.frames.size() == 1);
    CHECK(pager->uses[k_page] == 2);
    CHECK(g_machine.write(one + k_page, 50));
    CHECK(pager->uses[k_page] == 1);
    CHECK(read(two + k_page) == 1);
    // What is lent stays as it is through a move and a change of rights.
    REQUIRE(remap(VirtAddr{two}, 2 * k_page, 2 * k_page, true, VirtAddr{0x40000000}).ok());
    CHECK(protect(VirtAddr{0x40000000}, 2 * k_page, Protection::none).ok());
    CHECK(protect(VirtAddr{0x40000000}, 2 * k_page, k_read_write).ok());
    CHECK(g_machine.write(0x40000000 + k_page, 60));
    CHECK(pager->uses[k_page] == 0);
    CHECK(static_cast<std::uint8_t*>(frame_bytes(pager->pages[k_page]))[0] == 1);
    CHECK(read(one + k_page) == 50);
    // A first access that writes goes straight to a copy.
    CHECK(g_machine.write(one, 70));
    CHECK(pager->uses[0] == 0);
    CHECK(resident_pages() == 3);
}

TEST_CASE_FIXTURE(Fixture, "a copy that finds no memory leaves the lent page where it was") {
    const auto pager = make_pager();
    const std::uint64_t at =
        map({.size = k_page, .protection = k_read_write, .pager = pager}).value().value;
    CHECK(read(at) == 0);
    g_machine.frames_left = 0;
    CHECK(fault(at, Access::write) == FaultOutcome::out_of_memory);
    CHECK(read(at) == 0);
    CHECK(pager->uses[0] == 1);
    CHECK(unmap(VirtAddr{at}, k_page).ok());
    CHECK(pager->uses[0] == 0);
}

TEST_CASE_FIXTURE(Fixture, "two threads that fault on one page share the first one's frame") {
    static std::uint64_t place = 0;
    static Counting* other = nullptr;
    const auto pager = make_pager();
    other = pager.get();
    place = map({.size = k_page, .protection = k_read_write, .pager = pager}).value().value;
    pager->before_return = [] {
        other->before_return = nullptr;
        CHECK(g_machine.write(place, 42));
    };
    CHECK(fault(place, Access::read) == FaultOutcome::resolved);
    CHECK(read(place) == 42);
    CHECK(g_machine.frames.size() == 2); // the pager's and the copy
    CHECK(pager->uses[0] == 0);
}

TEST_CASE_FIXTURE(Fixture, "the image's pages appear where they lie and are copied when written") {
    auto* image = static_cast<std::uint8_t*>(std::aligned_alloc(k_page, 40 * k_page));
    for (std::uint64_t i = 0; i < 40 * k_page; ++i)
        image[i] = static_cast<std::uint8_t>(i / k_page);
    g_machine.image_start = reinterpret_cast<std::uint64_t>(image);
    g_machine.image_end = g_machine.image_start + 20 * k_page;
    constexpr std::uint64_t k_text = 0x400000;
    REQUIRE(map_image(VirtAddr{k_text + 0x123}, image + 0x123, 20 * k_page - 0x123,
                      Protection::read | Protection::execute, "text")
                .ok());
    REQUIRE(map_image(VirtAddr{k_text + 20 * k_page}, image + 20 * k_page, 20 * k_page,
                      k_read_write, "data")
                .ok());
    CHECK(error_of(map_image(VirtAddr{k_text}, image, k_page, Protection::read, "again")) ==
          Errno::eexist);
    CHECK(error_of(map_image(VirtAddr{0x800001}, image, k_page, Protection::read, "odd")) ==
          Errno::einval);
    CHECK(read(k_text + 3 * k_page) == 3);
    CHECK(resident_pages() > 1); // its neighbours came along
    CHECK(g_machine.frames.empty());
    CHECK_FALSE(g_machine.write(k_text, 1));

    CHECK(g_machine.write(k_text + 21 * k_page, 200));
    CHECK(image[21 * k_page] == 200);
    CHECK(g_machine.frames.empty());

    CHECK(protect(VirtAddr{k_text}, 4 * k_page, k_read_write).ok());
    CHECK(g_machine.write(k_text + 3 * k_page, 100));
    CHECK(g_machine.write(k_text + 3 * k_page + 1, 101));
    CHECK(image[3 * k_page] == 3);
    CHECK(read(k_text + 3 * k_page) == 100);
    CHECK(read(k_text + 3 * k_page + 2) == 3);
    CHECK(g_machine.frames.size() == 1);
    CHECK(protect(VirtAddr{k_text}, 4 * k_page, Protection::read).ok());
    CHECK(read(k_text + 3 * k_page) == 100);
    CHECK(discard(VirtAddr{k_text + 3 * k_page}, k_page).ok());
    CHECK(read(k_text + 3 * k_page) == 3);
    CHECK(g_machine.frames.empty());
    g_machine.reset();
    std::free(image);
}

TEST_CASE_FIXTURE(Fixture, "program ranges are checked over all their areas") {
    const std::uint64_t at = map_pages(4);
    CHECK(protect(VirtAddr{at + 2 * k_page}, k_page, Protection::read).ok());
    CHECK(check_program_range(VirtAddr{at}, 4 * k_page, Access::read).ok());
    CHECK(check_program_range(VirtAddr{at + 5}, 2 * k_page - 5, Access::write).ok());
    CHECK_FALSE(check_program_range(VirtAddr{at}, 2 * k_page + 1, Access::write).ok());
    CHECK_FALSE(check_program_range(VirtAddr{at}, 4 * k_page + 1, Access::read).ok());
    CHECK(check_program_range(VirtAddr{0}, 0, Access::write).ok());
    CHECK_FALSE(check_program_range(VirtAddr{at}, SIZE_MAX, Access::read).ok());
    CHECK_FALSE(check_program_range(VirtAddr{UINT64_MAX}, 1, Access::read).ok());
    CHECK_FALSE(check_program_range(VirtAddr{0xffff800000000000}, 1, Access::read).ok());
    CHECK_FALSE(AppSpan<std::uint64_t>::readable(at, SIZE_MAX / 4).ok());
    CHECK(AppSpan<std::uint64_t>::readable(at, 4).ok());
}

TEST_CASE_FIXTURE(Fixture, "random use agrees with a page by page model") {
    struct ModelPage {
        bool mapped = false;
        Protection protection = Protection::none;
        std::uint8_t value = 0;
    };
    constexpr std::uint64_t k_base = 0x10000000;
    constexpr std::uint64_t k_pages = 64;
    std::vector<ModelPage> model(k_pages);
    std::mt19937 random(5);
    const Protection protections[] = {Protection::none, Protection::read, k_read_write};
    for (int step = 0; step < 20000; ++step) {
        const std::uint64_t first = random() % k_pages;
        const std::uint64_t count = 1 + random() % std::min<std::uint64_t>(12, k_pages - first);
        const VirtAddr at{k_base + first * k_page};
        const Protection protection = protections[random() % 3];
        bool whole = true;
        for (std::uint64_t i = first; i < first + count; ++i)
            whole = whole && model[i].mapped;
        switch (random() % 6) {
        case 0:
            REQUIRE(map({.address = at,
                         .size = count * k_page,
                         .protection = protection,
                         .placement = Placement::fixed})
                        .ok());
            for (std::uint64_t i = first; i < first + count; ++i)
                model[i] = {true, protection, 0};
            break;
        case 1:
            REQUIRE(unmap(at, count * k_page).ok());
            for (std::uint64_t i = first; i < first + count; ++i)
                model[i] = {};
            break;
        case 2:
            REQUIRE(protect(at, count * k_page, protection).ok() == whole);
            for (std::uint64_t i = first; whole && i < first + count; ++i)
                model[i].protection = protection;
            break;
        case 3:
            REQUIRE(discard(at, count * k_page).ok() == whole);
            for (std::uint64_t i = first; i < first + count; ++i)
                model[i].value = 0;
            break;
        case 4: {
            ModelPage& page = model[first];
            const auto value = static_cast<std::uint8_t>(random());
            const bool may = page.mapped && has(page.protection, Protection::write);
            REQUIRE(g_machine.write(at.value, value) == may);
            if (may)
                page.value = value;
            break;
        }
        default: {
            std::uint8_t value = 0;
            const ModelPage& page = model[first];
            const bool may = page.mapped && page.protection != Protection::none;
            REQUIRE(g_machine.read(at.value, value) == may);
            if (may)
                REQUIRE(value == page.value);
        }
        }
        REQUIRE(g_space.resident == g_machine.pages.size());
        REQUIRE(g_machine.frames.size() == g_machine.pages.size());
    }
}
