// A listening socket that hands each client to a job.
#pragma once

#include <cstdint>
#include <functional>

class Server {
public:
    explicit Server(std::uint16_t port); // throws std::system_error
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // The next client's socket, or -1 after a signal.
    int next_client();

private:
    int listener_;
};
