// A key-value server. Usage: key-value-server PORT THREADS
#include <atomic>
#include <csignal>
#include <cstdint>
#include <iostream>

#include "server.hpp"
#include "session.hpp"
#include "store.hpp"
#include "worker_pool.hpp"

namespace {

std::atomic<bool> g_stopping{false};

void stop(int) {
    g_stopping = true;
}

unsigned number(const char* text, unsigned limit) {
    const long value = parse_number(text);
    if (value < 1 || value > static_cast<long>(limit))
        throw std::out_of_range(std::string("expected 1 to ") + std::to_string(limit) + ", found " +
                                text);
    return static_cast<unsigned>(value);
}

// Signals come to the main thread alone, which sits in accept(): workers are made while they are
// blocked.
void serve(Server& server, unsigned threads) {
    Store store;
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, &before);
    {
        WorkerPool pool(threads);
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        std::size_t served = 0;
        while (!g_stopping) {
            const int client = server.next_client();
            if (client < 0)
                continue;
            ++served;
            pool.submit([client, &store] { converse(client, store, g_stopping); });
        }
        std::cout << served << " conversations" << std::endl;
    }
    std::cout << store.size() << " keys left" << std::endl;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " PORT THREADS\n";
        return 2;
    }
    struct sigaction action {};
    action.sa_handler = stop; // without SA_RESTART: accept() returns
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    try {
        Server server(static_cast<std::uint16_t>(number(argv[1], 65535)));
        const unsigned threads = number(argv[2], 64);
        std::cout << "serving with " << threads << " threads" << std::endl;
        serve(server, threads);
    } catch (const std::exception& error) {
        std::cerr << "key-value-server: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
