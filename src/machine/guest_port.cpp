#include <machine/guest_port.hpp>

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <support/file.hpp>
#include <sys/socket.h>
#include <sys/un.h>

namespace unik::machine {

Result<GuestPort> GuestPort::listen(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.size() >= sizeof address.sun_path)
        return make_error("path-too-long",
                          fmt::format("'{}' is too long for a socket: {} bytes of {}", text,
                                      text.size(), sizeof address.sun_path - 1),
                          "set XDG_RUNTIME_DIR or TMPDIR to a folder with a shorter name");
    std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
    Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listener.is_open() ||
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 1) != 0)
        return file_error("listen on", path, errno);
    return GuestPort(std::move(listener));
}

Result<std::pair<GuestPort, Descriptor>> GuestPort::pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return make_error("hypervisor-failed", fmt::format("cannot connect to the hypervisor: {}",
                                                           std::strerror(errno)));
    GuestPort port{Descriptor()};
    port.connection_ = Descriptor(ends[0]);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return std::pair{std::move(port), Descriptor(ends[1])};
}

GuestPort GuestPort::none() {
    GuestPort port{Descriptor()};
    port.finished_ = true;
    return port;
}

int GuestPort::descriptor() const {
    if (finished_)
        return -1;
    return connection_.is_open() ? connection_.get() : listener_.get();
}

short GuestPort::interest() const {
    return static_cast<short>(POLLIN | (out_.empty() || !connection_.is_open() ? 0 : POLLOUT));
}

void GuestPort::receive(std::string& in) {
    if (finished_)
        return;
    if (!connection_.is_open()) {
        connection_ =
            Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (connection_.is_open())
            listener_.close();
        return;
    }
    std::array<char, 65536> block;
    const ssize_t got = ::read(connection_.get(), block.data(), block.size());
    if (got > 0)
        in.append(block.data(), static_cast<std::size_t>(got));
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        finished_ = true;
}

void GuestPort::send(std::string_view bytes) {
    if (finished_)
        return;
    out_ += bytes;
    flush();
}

void GuestPort::flush() {
    while (connection_.is_open() && !finished_ && !out_.empty()) {
        const ssize_t put = ::send(connection_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            if (errno != EAGAIN)
                out_.clear(); // nobody will read it; the reading side notices the end
            return;
        }
        out_.erase(0, static_cast<std::size_t>(put));
    }
}

} // namespace unik::machine
