#include <memory/address_space.hpp>

#include <random>
#include <vector>

#include "space_fixture.hpp"

namespace {

using namespace os::memory;
using os::Errno;
using os::PhysAddr;
using os::VirtAddr;

using Fixture = SpaceFixture;

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

TEST_CASE_FIXTURE(Fixture, "a small machine grants tables that are larger than all its memory") {
    g_machine.all_frames = 4096; // 16 MiB
    CHECK(map({.size = 64ULL << 20, .protection = k_read_write}).ok());
    CHECK(error_of(map({.size = 65ULL << 20, .protection = k_read_write})) == Errno::enomem);
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
