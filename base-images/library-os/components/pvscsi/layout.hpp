// VMware's paravirtual SCSI adapter as its public register descriptions tell it (Linux's
// vmw_pvscsi.h, FreeBSD's pvscsi.h, both by VMware).
//
// Commands to the adapter go through two registers: the command's number, then its descriptor word
// by word. SCSI requests go through two rings in memory, one of requests and one of completions; a
// page that both sides share holds the rings' indices, which count on without end.
#pragma once

#include <cstddef>
#include <cstdint>

#include <foundation/types.hpp>

namespace os::pvscsi {

enum class Register : unsigned {
    command = 0x0000,
    command_data = 0x0004,
    command_status = 0x0008,
    interrupt_status = 0x100c,
    interrupt_mask = 0x2010,
    kick_other = 0x3014,
    kick_transfer = 0x4018,
};
inline constexpr std::size_t k_registers_size = 0x5000;

inline constexpr std::uint32_t k_command_reset = 1;
inline constexpr std::uint32_t k_command_set_up_rings = 3;
inline constexpr std::uint32_t k_command_most_targets = 11;
inline constexpr std::uint32_t k_command_failed = 0xffffffff; // in the status register

inline constexpr std::uint32_t k_interrupt_completion = 3; // of both completion rings
inline constexpr std::uint32_t k_interrupt_all = 15;

inline constexpr std::size_t k_most_ring_pages = 32;
struct RingSetup {
    std::uint32_t request_pages = 0;
    std::uint32_t completion_pages = 0;
    std::uint64_t state_page = 0; // these are numbers of pages, not addresses
    std::uint64_t request_page[k_most_ring_pages] = {};
    std::uint64_t completion_page[k_most_ring_pages] = {};
};
static_assert(sizeof(RingSetup) == 528);

struct RingState {
    std::uint32_t requests_made;
    std::uint32_t requests_taken;
    std::uint32_t request_entries_log2;
    std::uint32_t completions_made;
    std::uint32_t completions_taken;
    std::uint32_t completion_entries_log2;
};

inline constexpr std::uint32_t k_flag_no_data = 1 << 2;
inline constexpr std::uint32_t k_flag_from_device = 1 << 3;
inline constexpr std::uint32_t k_flag_to_device = 1 << 4;
inline constexpr std::uint8_t k_simple_queue = 0x20;

struct [[gnu::packed]] Request {
    std::uint64_t context = 0;
    std::uint64_t data = 0;
    std::uint64_t data_size = 0;
    std::uint64_t sense = 0;
    std::uint32_t sense_size = 0;
    std::uint32_t flags = 0;
    std::uint8_t command[16] = {};
    std::uint8_t command_size = 0;
    std::uint8_t lun[8] = {};
    std::uint8_t tag = 0;
    std::uint8_t bus = 0;
    std::uint8_t target = 0;
    std::uint8_t cpu = 0;
    std::uint8_t unused[59] = {};
};
static_assert(sizeof(Request) == 128);

struct Completion {
    std::uint64_t context = 0;
    std::uint64_t data_size = 0;
    std::uint32_t sense_size = 0;
    std::uint16_t host_status = 0;
    std::uint16_t scsi_status = 0;
    std::uint32_t unused[2] = {};
};
static_assert(sizeof(Completion) == 32);

inline constexpr std::uint32_t k_request_entries = k_page_size / sizeof(Request);
inline constexpr std::uint32_t k_completion_entries = k_page_size / sizeof(Completion);

} // namespace os::pvscsi
