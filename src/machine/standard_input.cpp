#include <machine/standard_input.hpp>

#include <array>
#include <cerrno>

#include <unistd.h>

namespace unik::machine {

bool StandardInput::may_read() const {
    if (!open_)
        return false;
    const pid_t foreground = ::tcgetpgrp(STDIN_FILENO); // -1: no terminal
    return foreground < 0 || foreground == ::getpgrp();
}

std::string StandardInput::read() {
    std::array<char, 16384> block;
    const ssize_t got = ::read(STDIN_FILENO, block.data(), block.size());
    if (got > 0) {
        within_line_ = block[static_cast<std::size_t>(got) - 1] != '\n';
        return {block.data(), static_cast<std::size_t>(got)};
    }
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return {};
    open_ = false;
    return within_line_ ? "\n\x04" : "\x04";
}

} // namespace unik::machine
