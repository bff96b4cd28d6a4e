#include "session.hpp"

#include <sstream>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::size_t k_longest_line = 4096;

std::string word(std::istream& line) {
    std::string out;
    if (!(line >> out))
        throw std::invalid_argument("a word is missing");
    return out;
}

std::string rest(std::istream& line) {
    std::string out;
    std::getline(line >> std::ws, out);
    return out;
}

std::string obey(const std::string& text, Store& store) {
    std::istringstream line(text);
    const std::string command = word(line);
    if (command == "COUNT")
        return std::to_string(store.size());
    const std::string key = word(line);
    if (command == "GET")
        return store.get(key);
    if (command == "SET")
        store.set(key, rest(line));
    else if (command == "DEL")
        store.remove(key);
    else if (command == "ADD")
        return std::to_string(store.add(key, parse_number(word(line))));
    else
        throw std::invalid_argument("no such command: " + command);
    return "OK";
}

std::string answer(const std::string& text, Store& store) {
    try {
        return obey(text, store);
    } catch (const std::exception& error) {
        return std::string("ERROR ") + error.what();
    }
}

bool send_all(int socket, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t count = send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        sent += static_cast<std::size_t>(count);
    }
    return true;
}

// Answers all complete lines and leaves the rest; false when the conversation is over.
bool answer_lines(int socket, std::string& input, Store& store) {
    std::string output;
    bool more = true;
    std::size_t start = 0;
    for (std::size_t end; more && (end = input.find('\n', start)) != std::string::npos;
         start = end + 1) {
        const std::string line = input.substr(start, end - start);
        more = line != "QUIT";
        if (more)
            output += answer(line, store) + '\n';
    }
    input.erase(0, start);
    return send_all(socket, output) && more && input.size() <= k_longest_line;
}

bool wait_for_input(int socket, const std::atomic<bool>& stopping) {
    pollfd entry{socket, POLLIN, 0};
    while (!stopping)
        if (poll(&entry, 1, 200) > 0)
            return true;
    return false;
}

} // namespace

void converse(int socket, Store& store, const std::atomic<bool>& stopping) {
    std::string input;
    char block[1024];
    while (wait_for_input(socket, stopping)) {
        const ssize_t count = read(socket, block, sizeof block);
        if (count <= 0)
            break;
        input.append(block, static_cast<std::size_t>(count));
        if (!answer_lines(socket, input, store))
            break;
    }
    close(socket);
}
