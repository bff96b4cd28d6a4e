#include <machine/ports.hpp>

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <support/descriptor.hpp>

namespace unik::machine {
namespace {

Error no_free_port() {
    return make_error("no-free-port",
                      fmt::format("this host gives no free port: {}", std::strerror(errno)),
                      "name one: -p HOST:GUEST");
}

// The sockets stay open until all ports are picked, so that no port is picked twice.
Result<std::uint16_t> pick(unikfile::Protocol protocol, std::vector<Descriptor>& held) {
    const int type = protocol == unikfile::Protocol::udp ? SOCK_DGRAM : SOCK_STREAM;
    Descriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!socket.is_open() || ::bind(socket.get(), generic, size) != 0 ||
        ::getsockname(socket.get(), generic, &size) != 0)
        return no_free_port();
    held.push_back(std::move(socket));
    return ntohs(address.sin_port);
}

} // namespace

Result<std::vector<PortForward>> pick_ports(std::vector<PortForward> ports) {
    std::vector<Descriptor> held;
    for (PortForward& port : ports) {
        if (port.host == 0)
            port.host = UNIK_TRY(pick(port.protocol, held));
    }
    return ports;
}

} // namespace unik::machine
