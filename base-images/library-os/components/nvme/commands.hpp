// Commands and their completions as they lie in the queues (1.4, 4.2 and 4.6).
#pragma once

#include <cstdint>

#include <foundation/types.hpp>
#include <vocabulary/endian.hpp>

namespace os::nvme {

enum class Opcode : std::uint8_t {
    flush = 0x00,
    write = 0x01,
    read = 0x02,
};
enum class AdminOpcode : std::uint8_t {
    create_commands = 0x01,
    create_completions = 0x05,
    identify = 0x06,
    set_features = 0x09,
};

struct Command {
    std::uint8_t opcode = 0;
    std::uint8_t flags = 0;
    vocabulary::Le16 id = {};
    vocabulary::Le32 namespace_id = {};
    vocabulary::Le64 reserved = {};
    vocabulary::Le64 metadata = {};
    vocabulary::Le64 data[2] = {};  // see page_list.hpp
    vocabulary::Le32 words[6] = {}; // dwords 10 to 15
};
static_assert(sizeof(Command) == 64);

struct Completion {
    std::uint32_t result;
    std::uint32_t reserved;
    std::uint16_t commands_head;
    std::uint16_t commands_queue;
    std::uint16_t id;
    std::uint16_t status; // bit 0: the phase
};
static_assert(sizeof(Completion) == 16);

// For messages. `status` is a completion's, without the phase.
const char* reason(std::uint16_t status);

} // namespace os::nvme
