// Bytes through a TCP socket.
#include <lwip/stack.hpp>

#include <lwip/priv/tcp_priv.h>

#include "tcp_socket.hpp"

namespace os::sockets {

// How much can be written now.
std::size_t TcpSocket::room() const {
    return tcp_sndqueuelen(pcb_) < TCP_SND_QUEUELEN * 3 / 4 ? pcb_->snd_buf : 0;
}

std::size_t TcpSocket::unsent_bytes() {
    return pcb_ == nullptr || state_ == State::listening ? 0 : TCP_SND_BUF - pcb_->snd_buf;
}

void TcpSocket::push_out() {
    if (pcb_ != nullptr && state_ != State::listening)
        tcp_output(pcb_);
    lwip::settle();
}

// The errors of a socket that cannot send come first, then waiting for room.
Result<void> TcpSocket::wait_for_room(const SendRequest& request, Nanoseconds until) {
    for (;;) {
        if (has_error())
            return take_error();
        if (shut_write_)
            return Errno::epipe;
        if (state_ == State::connected && pcb_ != nullptr) {
            if (room() > 0)
                return {};
        } else if (state_ != State::connecting) {
            return Errno::epipe;
        }
        was_full_ = true;
        if (!may_wait(request.flags))
            return Errno::eagain;
        UNIK_TRY(wait(writers_, until));
    }
}

// Hands one piece to lwIP; 0: there is no memory for it until earlier data has been sent.
Result<std::size_t> TcpSocket::write_some(Bytes bytes, bool more) {
    std::size_t count = room();
    count = bytes.size() < count ? bytes.size() : count;
    count = count < UINT16_MAX ? count : UINT16_MAX;
    while (count > 0) {
        const u8_t flags = static_cast<u8_t>(
            TCP_WRITE_FLAG_COPY | (more || count < bytes.size() ? TCP_WRITE_FLAG_MORE : 0));
        const err_t error = tcp_write(pcb_, bytes.data(), static_cast<u16_t>(count), flags);
        if (error == ERR_OK)
            return count;
        if (error != ERR_MEM)
            return errno_of(error);
        if (pcb_->unacked == nullptr && pcb_->unsent == nullptr && count <= TCP_MSS)
            return Errno::enobufs; // nothing under way that could make room
        count = count > TCP_MSS ? count / 2 : 0;
    }
    return std::size_t{0};
}

Result<std::size_t> TcpSocket::send(SendRequest& request) {
    const Nanoseconds until = deadline(Direction::send);
    if (unsent_bytes() == 0)
        watch_progress(); // the time runs from here
    const bool corked = (request.flags & k_message_more) != 0 || corked_;
    std::size_t done = 0;
    for (std::size_t i = 0; i < request.buffers.size(); ++i) {
        Bytes left = request.buffers[i];
        const bool last = i + 1 == request.buffers.size();
        while (!left.empty()) {
            Result<void> ready = wait_for_room(request, until);
            Result<std::size_t> written = std::size_t{0};
            if (ready.ok())
                written = write_some(left, corked || !last);
            if (!ready.ok() || !written.ok()) {
                push_out();
                if (done > 0)
                    return done;
                return ready.ok() ? written.error() : ready.error();
            }
            if (written.value() == 0) { // memory is short: wait for acknowledgements
                push_out();
                was_full_ = true;
                if (!may_wait(request.flags))
                    return done > 0 ? Result<std::size_t>(done) : Errno::eagain;
                UNIK_TRY(wait(writers_, until));
                continue;
            }
            done += written.value();
            left = left.part(written.value());
            if (!left.empty())
                push_out();
        }
    }
    if (done == 0)
        UNIK_TRY(wait_for_room(request, until));
    answered();
    // What is held back goes out with lwIP's next tick (200 ms) at the latest.
    if (!corked || (pcb_ != nullptr && unsent_bytes() >= TCP_MSS))
        push_out();
    return done;
}

// Copies into the request's buffers what is there from `offset` of the queue on (peeking) or what
// comes next.
std::size_t TcpSocket::take(ReceiveRequest& request, std::size_t done) {
    const bool peeking = (request.flags & k_message_peek) != 0;
    std::size_t skipped = done;
    std::size_t copied = 0;
    for (const MutableBytes whole : request.buffers) {
        if (skipped >= whole.size()) {
            skipped -= whole.size();
            continue;
        }
        const MutableBytes buffer = whole.part(skipped);
        skipped = 0;
        std::size_t count = 0;
        if (peeking)
            count = received_.peek(buffer, done + copied);
        else if ((request.flags & k_message_truncated) != 0)
            count = received_.drop(buffer.size());
        else
            count = received_.take(buffer);
        copied += count;
        if (count < buffer.size())
            break;
    }
    return copied;
}

// What a read says when the queue is empty; eagain: wait.
Result<std::size_t> TcpSocket::nothing_received() {
    if (has_error())
        return take_error();
    if (end_received_ || shut_read_)
        return std::size_t{0};
    if (state_ == State::fresh || state_ == State::listening)
        return Errno::enotconn;
    if (state_ == State::closed)
        return std::size_t{0};
    return Errno::eagain;
}

// The program has read so much. The peer learns it at once, unless this connection is one of
// questions and answers, where the acknowledgement goes with the answer: a sender that waits for
// it (RFC 896) would otherwise wait for the timer.
void TcpSocket::acknowledge(std::size_t count) {
    while (pcb_ != nullptr && count > 0) {
        const std::size_t part = count < UINT16_MAX ? count : UINT16_MAX;
        tcp_recved(pcb_, static_cast<u16_t>(part));
        count -= part;
    }
    if (++unanswered_reads_ > 1)
        interactive_ = false;
    if (pcb_ != nullptr && !interactive_ && received_.empty() &&
        (pcb_->flags & TF_ACK_DELAY) != 0) {
        tcp_ack_now(pcb_);
        tcp_output(pcb_);
    }
}

void TcpSocket::answered() {
    if (unanswered_reads_ == 1)
        interactive_ = true;
    unanswered_reads_ = 0;
}

Result<std::size_t> TcpSocket::receive(ReceiveRequest& request) {
    if ((request.flags & k_message_out_of_band) != 0)
        return Errno::einval;
    std::size_t wanted = 0;
    for (const MutableBytes buffer : request.buffers)
        wanted += buffer.size();
    const bool peeking = (request.flags & k_message_peek) != 0;
    const std::size_t enough = (request.flags & k_message_wait_all) != 0 ? wanted : 1;
    const Nanoseconds until = deadline(Direction::receive);
    std::size_t done = 0;
    for (;;) {
        const std::size_t count = take(request, done);
        done += count;
        if (!peeking && count > 0) {
            acknowledge(count);
            lwip::settle();
        }
        if (done >= enough || wanted == 0)
            return done;
        Result<std::size_t> nothing = nothing_received();
        if (nothing.ok() || nothing.error() != Errno::eagain)
            return done > 0 ? Result<std::size_t>(done) : nothing;
        Result<void> waited = Errno::eagain;
        if (may_wait(request.flags))
            waited = wait(readers_, until);
        if (!waited.ok())
            return done > 0 ? Result<std::size_t>(done) : waited.error();
    }
}

} // namespace os::sockets
