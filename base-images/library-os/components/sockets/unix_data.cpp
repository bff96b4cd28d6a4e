// Messages between Unix sockets.
#include "unix_socket.hpp"

namespace os::sockets {

namespace {
constexpr std::size_t k_queue_limit = 212992;
constexpr std::size_t k_piece = 32768; // of a stream, in one message
} // namespace

bool UnixSocket::full() const {
    return queued_ >= k_queue_limit;
}

// Who gets what this socket sends.
Result<Ref<UnixSocket>> UnixSocket::receiver(const SendRequest& request) {
    if (has_error())
        return take_error();
    if (shut_write_)
        return Errno::epipe;
    if (type() == k_type_datagram && request.to != nullptr) {
        if (request.to->family() != k_family_unix || request.to->size <= 2)
            return Errno::einval;
        auto target = UNIK_TRY(find(*request.to, type()));
        return target->takes_from(*this) ? Result<Ref<UnixSocket>>(target) : Errno::eperm;
    }
    if (type() != k_type_datagram) {
        if (request.to != nullptr && type() == k_type_stream)
            return state_ == State::connected ? Errno::eisconn : Errno::eopnotsupp;
        if (state_ != State::connected)
            return Errno::enotconn;
        if (peer_ == nullptr || peer_->shut_read_)
            return Errno::epipe;
    } else if (peer_ == nullptr) {
        const bool gone = peer_gone_;
        peer_gone_ = false;
        return gone ? Errno::econnrefused : Errno::enotconn;
    }
    return Ref<UnixSocket>::share(peer_);
}

Result<Own<UnixSocket::Message>> UnixSocket::make_message(SendRequest& request, std::size_t offset,
                                                          std::size_t count) {
    auto message = UNIK_TRY(try_make<Message>());
    UNIK_TRY(message->bytes.reserve(count));
    std::size_t skipped = offset;
    for (const Bytes buffer : request.buffers) {
        if (skipped >= buffer.size()) {
            skipped -= buffer.size();
            continue;
        }
        const Bytes part = buffer.part(skipped, count - message->bytes.size());
        skipped = 0;
        UNIK_TRY(message->bytes.append(part));
        if (message->bytes.size() == count)
            break;
    }
    message->files = static_cast<Vector<PassedFile>&&>(request.files);
    message->sender = request.credentials;
    message->from = name_;
    return message;
}

Result<void> UnixSocket::wait_for_room(UnixSocket& target, const SendRequest& request,
                                       Nanoseconds until) {
    while (target.full()) {
        if (!may_wait(request.flags))
            return Errno::eagain;
        UNIK_TRY(wait(target.space_, until));
        if (target.state_ == State::closed || target.shut_read_ || shut_write_)
            return type() == k_type_datagram ? Errno::econnrefused : Errno::epipe;
    }
    return {};
}

void UnixSocket::tell_sender(const Message& message, ReceiveRequest& request) const {
    request.has_credentials = passes_credentials_;
    request.credentials = message.sender;
}

void UnixSocket::deliver(Own<Message> message) {
    queued_ += message->bytes.size() + k_message_overhead;
    queue_.push_back(*message.release());
    notify(k_poll_readable);
}

Result<std::size_t> UnixSocket::send(SendRequest& request) {
    const Nanoseconds until = deadline(Direction::send);
    const std::size_t size = total_size(request.buffers);
    if (keeps_borders()) {
        if (size > k_queue_limit - k_message_overhead)
            return Errno::emsgsize;
        const Ref<UnixSocket> target = UNIK_TRY(receiver(request));
        UNIK_TRY(wait_for_room(*target, request, until));
        target->deliver(UNIK_TRY(make_message(request, 0, size)));
        return size;
    }
    std::size_t done = 0;
    while (done < size) {
        Result<Ref<UnixSocket>> target = receiver(request);
        Result<void> ready =
            target.ok() ? wait_for_room(*target.value(), request, until) : target.error();
        if (!ready.ok())
            return done > 0 ? Result<std::size_t>(done) : ready.error();
        const std::size_t count = size - done < k_piece ? size - done : k_piece;
        auto message = make_message(request, done, count);
        if (!message.ok())
            return done > 0 ? Result<std::size_t>(done) : message.error();
        target.value()->deliver(static_cast<Own<Message>&&>(message.value()));
        done += count;
    }
    return done;
}

// Something was taken out of the queue.
void UnixSocket::tell_writers() {
    space_.wake_all();
    if (peer_ != nullptr && type() != k_type_datagram)
        peer_->notify(k_poll_writable);
}

void UnixSocket::finish_first() {
    const Own<Message> first(queue_.pop_front());
    const bool was_full = full();
    queued_ -= first->bytes.size() + k_message_overhead;
    if (was_full && state_ != State::closed)
        tell_writers();
}

// Bytes of a stream: from as many messages as fit, but never across one that carries files.
std::size_t UnixSocket::take_bytes(ReceiveRequest& request, std::size_t done) {
    std::size_t skipped = done;
    std::size_t copied = 0;
    for (const MutableBytes whole : request.buffers) {
        MutableBytes buffer = whole.part(skipped);
        skipped -= skipped < whole.size() ? skipped : whole.size();
        while (!buffer.empty() && !queue_.empty()) {
            Message& first = *queue_.front();
            if (!first.files.empty()) {
                if (copied > 0 || !request.files.empty())
                    return copied;
                request.files = static_cast<Vector<PassedFile>&&>(first.files);
            }
            tell_sender(first, request);
            const std::size_t count = first.left() < buffer.size() ? first.left() : buffer.size();
            __builtin_memcpy(buffer.data(), first.bytes.data() + first.taken, count);
            buffer = buffer.part(count);
            copied += count;
            first.taken += count;
            if (first.left() == 0)
                finish_first();
        }
    }
    return copied;
}

// The same without taking anything.
std::size_t UnixSocket::peek_bytes(const ReceiveRequest& request) {
    std::size_t copied = 0;
    Message* message = queue_.front();
    std::size_t at = message->taken;
    for (const MutableBytes whole : request.buffers) {
        MutableBytes buffer = whole;
        while (!buffer.empty() && message != nullptr) {
            const std::size_t left = message->bytes.size() - at;
            const std::size_t count = left < buffer.size() ? left : buffer.size();
            __builtin_memcpy(buffer.data(), message->bytes.data() + at, count);
            buffer = buffer.part(count);
            copied += count;
            at += count;
            if (at < message->bytes.size())
                continue;
            message = queue_.next(*message);
            at = 0;
            if (message != nullptr && !message->files.empty())
                return copied;
        }
    }
    return copied;
}

std::size_t UnixSocket::take_message(ReceiveRequest& request) {
    Message& first = *queue_.front();
    std::size_t done = 0;
    for (const MutableBytes buffer : request.buffers) {
        const std::size_t left = first.bytes.size() - done;
        const std::size_t count = left < buffer.size() ? left : buffer.size();
        __builtin_memcpy(buffer.data(), first.bytes.data() + done, count);
        done += count;
    }
    const std::size_t size = first.bytes.size();
    if (done < size)
        request.out_flags |= k_message_truncated;
    request.from = first.from;
    tell_sender(first, request);
    if ((request.flags & k_message_peek) == 0) {
        request.files = static_cast<Vector<PassedFile>&&>(first.files);
        finish_first();
    }
    return (request.flags & k_message_truncated) != 0 ? size : done;
}

Result<std::size_t> UnixSocket::receive(ReceiveRequest& request) {
    if (type() != k_type_datagram && state_ != State::connected)
        return state_ == State::closed ? Result<std::size_t>(std::size_t{0})
                                       : Result<std::size_t>(Errno::einval);
    std::size_t wanted = 0;
    for (const MutableBytes buffer : request.buffers)
        wanted += buffer.size();
    const bool all = (request.flags & k_message_wait_all) != 0 && !keeps_borders();
    const Nanoseconds until = deadline(Direction::receive);
    std::size_t done = 0;
    for (;;) {
        if (!queue_.empty()) {
            if (keeps_borders())
                return take_message(request);
            if ((request.flags & k_message_peek) != 0)
                return peek_bytes(request);
            done += take_bytes(request, done);
            if (done >= wanted || !all)
                return done;
        }
        if (done > 0 && (end_received_ || shut_read_ || has_error()))
            return done;
        if (has_error())
            return take_error();
        if (end_received_ || shut_read_ || wanted == 0)
            return std::size_t{0};
        Result<void> waited = Errno::eagain;
        if (may_wait(request.flags))
            waited = wait(readers_, until);
        if (!waited.ok())
            return done > 0 ? Result<std::size_t>(done) : waited.error();
    }
}

std::size_t UnixSocket::readable_bytes() {
    std::size_t size = 0;
    if (type() == k_type_datagram)
        return queue_.empty() ? 0 : queue_.front()->left();
    queue_.for_each([&size](Message& message) { size += message.left(); });
    return size;
}

} // namespace os::sockets
