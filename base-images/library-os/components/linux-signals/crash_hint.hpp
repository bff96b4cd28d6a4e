// What a fault most likely means, in a sentence for the report.
#pragma once

#include <arch/trap_frame.hpp>
#include <linux-signals/signal_info.hpp>
#include <linux-signals/task.hpp>

namespace os::linux_signals {

enum class FaultAccess { none, read, write, execute };
FaultAccess access_of(const FaultRegisters& fault);
const char* access_name(FaultAccess access);
// "SEGV_ACCERR" and so on; empty for a signal that was sent.
const char* code_name(const SignalInfo& info);

// Null: nothing is known.
const char* crash_hint(const SignalInfo& info, const FaultRegisters& fault,
                       const arch::TrapFrame& frame);

} // namespace os::linux_signals
