#include "sense.hpp"

#include <foundation/format.hpp>

namespace os::scsi {

namespace {

// SAM-5, 5.3.1.
constexpr std::uint8_t k_status_good = 0x00;
constexpr std::uint8_t k_status_check_condition = 0x02;
constexpr std::uint8_t k_status_condition_met = 0x04;
constexpr std::uint8_t k_status_busy = 0x08;
constexpr std::uint8_t k_status_task_set_full = 0x28;
constexpr std::uint8_t k_status_task_aborted = 0x40;

// SPC-4, table 43.
enum Key : std::uint8_t {
    no_sense = 0,
    recovered = 1,
    not_ready = 2,
    medium_error = 3,
    hardware_error = 4,
    illegal_request = 5,
    unit_attention = 6,
    data_protect = 7,
    aborted_command = 11,
};

constexpr std::uint8_t k_code_not_ready = 0x04;
constexpr std::uint8_t k_qualifier_becoming_ready = 0x01;
constexpr std::uint8_t k_code_write_protected = 0x27;
constexpr std::uint8_t k_qualifier_space_exhausted = 0x07;
constexpr std::uint8_t k_code_no_medium = 0x3a;

constexpr const char* k_key_names[16] = {
    "no sense",       "recovered error", "not ready",      "medium error",
    "hardware error", "illegal request", "unit attention", "write protected",
    "blank check",    "vendor specific", "copy aborted",   "command aborted",
    "reserved",       "volume overflow", "miscompare",     "completed",
};

Judgement judge_sense(const Sense& sense) {
    switch (sense.key) {
    case no_sense:
    case recovered: return {Verdict::good};
    case unit_attention:
    case aborted_command: return {Verdict::again};
    case not_ready:
        if (sense.code == k_code_no_medium)
            return {Verdict::no_medium};
        if (sense.code == k_code_not_ready && sense.qualifier == k_qualifier_becoming_ready)
            return {Verdict::again_later};
        return {Verdict::failed};
    case illegal_request: return {Verdict::unsupported};
    case data_protect:
        if (sense.code != k_code_write_protected)
            return {Verdict::failed};
        return {Verdict::failed,
                sense.qualifier == k_qualifier_space_exhausted ? Errno::enospc : Errno::erofs};
    default: return {Verdict::failed};
    }
}

} // namespace

Sense decode_sense(Bytes bytes) {
    if (bytes.size() < 4)
        return {};
    const std::uint8_t format = bytes[0] & 0x7f;
    if (format == 0x72 || format == 0x73) // descriptors
        return {static_cast<std::uint8_t>(bytes[1] & 15), bytes[2], bytes[3]};
    if (format != 0x70 && format != 0x71) // fixed
        return {};
    Sense sense{static_cast<std::uint8_t>(bytes[2] & 15), 0, 0};
    if (bytes.size() >= 14) {
        sense.code = bytes[12];
        sense.qualifier = bytes[13];
    }
    return sense;
}

Judgement judge(const Answer& answer) {
    if (answer.delivery == Delivery::lost)
        return {Verdict::again};
    if (answer.delivery != Delivery::answered)
        return {Verdict::failed};
    switch (answer.status) {
    case k_status_good:
    case k_status_condition_met: return {Verdict::good};
    case k_status_busy:
    case k_status_task_set_full: return {Verdict::again_later};
    case k_status_task_aborted: return {Verdict::again};
    case k_status_check_condition: break;
    default: return {Verdict::failed};
    }
    // A check without sense tells nothing: the next command would tell.
    if (answer.sense_size == 0)
        return {Verdict::again};
    const Judgement judgement = judge_sense(decode_sense({answer.sense, answer.sense_size}));
    return judgement;
}

void describe(const Answer& answer, char* text, std::size_t size) {
    if (answer.delivery == Delivery::no_such_device) {
        format(text, size, "the disk is gone");
    } else if (answer.delivery == Delivery::lost) {
        format(text, size, "the command was lost");
    } else if (answer.delivery == Delivery::silence) {
        format(text, size, "the device does not answer");
    } else if (answer.status != k_status_check_condition) {
        format(text, size, "status %02x", answer.status);
    } else {
        const Sense sense = decode_sense({answer.sense, answer.sense_size});
        format(text, size, "%s (%x/%02x/%02x)", k_key_names[sense.key & 15], sense.key, sense.code,
               sense.qualifier);
    }
}

} // namespace os::scsi
