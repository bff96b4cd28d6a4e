// Our end of one of the guest's serial ports: a listening socket until QEMU connects, then the
// connection. Never blocks.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <support/descriptor.hpp>
#include <support/result.hpp>

namespace unik::machine {

class GuestPort {
public:
    static Result<GuestPort> listen(const std::filesystem::path& path);
    // Connected from the first, to the descriptor that comes with it.
    static Result<std::pair<GuestPort, Descriptor>> pair();
    // A port that the machine does not have.
    static GuestPort none();

    // What to poll, and for what (POLLIN, POLLOUT); -1 when the port is closed.
    int descriptor() const;
    short interest() const;
    bool is_connected() const { return connection_.is_open(); }
    // The other side has closed the connection, and everything it sent has been read.
    bool is_finished() const { return finished_; }

    // Takes what there is: accepts, or appends up to 64 KiB to `in`.
    void receive(std::string& in);
    // Queues bytes and sends what can be sent.
    void send(std::string_view bytes);
    void flush();
    std::size_t queued() const { return out_.size(); }

private:
    explicit GuestPort(Descriptor listener) : listener_(std::move(listener)) {}
    Descriptor listener_;
    Descriptor connection_;
    std::string out_;
    bool finished_ = false;
};

} // namespace unik::machine
