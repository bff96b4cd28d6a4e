// Commands with as many tries as they deserve.
#pragma once

#include "sense.hpp"

namespace os::scsi {

struct Done {
    Judgement judgement;
    Answer answer;
};

// Tries again what may pass: a unit attention, a busy device, one that becomes ready. Bounded in
// number and in time. eio: the transport failed.
Result<Done> execute(Transport& transport, const Command& command);

// For commands that ask: the bytes that came; the error where none did.
Result<Bytes> ask(Transport& transport, const Command& command);

} // namespace os::scsi
