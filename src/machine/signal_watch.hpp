// While it lives, SIGINT, SIGTERM and SIGHUP do not end our process but can be read from a
// descriptor; then all is as before.
#pragma once

#include <csignal>

#include <support/descriptor.hpp>
#include <support/result.hpp>

namespace unik::machine {

class SignalWatch {
public:
    static Result<SignalWatch> create();
    SignalWatch(SignalWatch&& other) noexcept;
    SignalWatch& operator=(SignalWatch&&) = delete;
    ~SignalWatch();

    int descriptor() const { return descriptor_.get(); }
    // The next signal, or 0 when there is none.
    int take();

private:
    SignalWatch(Descriptor descriptor, const sigset_t& before)
        : descriptor_(std::move(descriptor)), before_(before) {}
    Descriptor descriptor_;
    sigset_t before_;
};

} // namespace unik::machine
