// What a device says went wrong (SPC-4, 4.5 and 5.3), and what to make of it.
#pragma once

#include <scsi/transport.hpp>

namespace os::scsi {

struct Sense {
    std::uint8_t key = 0;
    std::uint8_t code = 0; // additional sense code and its qualifier
    std::uint8_t qualifier = 0;
};

// All zero when the bytes are no sense data.
Sense decode_sense(Bytes bytes);

enum class Verdict {
    good,
    again,       // at once
    again_later, // the device is busy, or not ready yet
    no_medium,
    unsupported, // the device does not know the command, or not like this
    failed,
};

struct Judgement {
    Verdict verdict = Verdict::failed;
    Errno error = Errno::eio; // where nothing helps
};

Judgement judge(const Answer& answer);

// "medium error (3/11/00)"; for people.
void describe(const Answer& answer, char* text, std::size_t size);

} // namespace os::scsi
