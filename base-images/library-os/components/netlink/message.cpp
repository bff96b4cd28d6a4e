#include "message.hpp"

namespace os::netlink {

namespace {
constexpr std::size_t k_alignment = 4;
constexpr std::size_t k_datagram = 4096;

std::size_t aligned(std::size_t size) {
    return (size + k_alignment - 1) & ~(k_alignment - 1);
}

template <typename T>
T read(Bytes bytes) {
    T out;
    __builtin_memcpy(&out, bytes.data(), sizeof out);
    return out;
}

template <typename T>
Bytes bytes_of(const T& value) {
    return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}
} // namespace

Bytes Request::attribute(std::size_t fixed_size, std::uint16_t type) const {
    constexpr std::uint16_t k_type_mask = 0x3fff; // NLA_TYPE_MASK
    Bytes left = body.part(aligned(fixed_size));
    while (left.size() >= sizeof(AttributeHeader)) {
        const auto found = read<AttributeHeader>(left);
        if (found.size < sizeof found || found.size > left.size())
            break;
        if ((found.type & k_type_mask) == type)
            return left.part(sizeof found, found.size - sizeof found);
        left = left.part(aligned(found.size));
    }
    return {};
}

bool next_request(Bytes& left, Request& out) {
    if (left.size() < sizeof(Header))
        return false;
    out.header = read<Header>(left);
    if (out.header.size < sizeof(Header) || out.header.size > left.size())
        return false;
    out.body = left.part(sizeof(Header), out.header.size - sizeof(Header));
    left = left.part(aligned(out.header.size));
    return true;
}

void Answer::note(Result<void> result) {
    if (!result.ok())
        failure_ = result.error();
}

void Answer::append(Bytes bytes) {
    note(message_.append(bytes));
    constexpr std::uint8_t k_zeroes[k_alignment] = {};
    note(message_.append(Bytes(k_zeroes).part(0, aligned(bytes.size()) - bytes.size())));
}

void Answer::begin(std::uint16_t type, std::uint16_t flags, Bytes fixed) {
    message_.clear();
    append(bytes_of(Header{0, type, flags, request_.sequence, port_}));
    append(fixed);
}

void Answer::add(std::uint16_t attribute, Bytes value) {
    const auto size = static_cast<std::uint16_t>(sizeof(AttributeHeader) + value.size());
    append(bytes_of(AttributeHeader{size, attribute}));
    append(value);
}

void Answer::add_text(std::uint16_t attribute, StringView text) {
    char copy[32] = {};
    const std::size_t size = text.size() < sizeof copy - 1 ? text.size() : sizeof copy - 1;
    __builtin_memcpy(copy, text.data(), size);
    add(attribute, {reinterpret_cast<const std::uint8_t*>(copy), size + 1});
}

void Answer::end() {
    if (failure_ != Errno{})
        return;
    const auto size = static_cast<std::uint32_t>(message_.size());
    __builtin_memcpy(message_.data(), &size, sizeof size);
    if (datagrams_.empty() ||
        datagrams_[datagrams_.size() - 1].size() + message_.size() > k_datagram) {
        Vector<std::uint8_t> fresh;
        note(datagrams_.push(std::move(fresh)));
        if (failure_ != Errno{})
            return;
    }
    note(datagrams_[datagrams_.size() - 1].append(message_.span()));
}

void Answer::error(Errno error) {
    const auto code = -static_cast<std::int32_t>(error);
    begin(k_type_error, error == Errno{} ? k_flag_capped : std::uint16_t{0}, code);
    append(bytes_of(request_));
    end();
}

void Answer::done() {
    begin(k_type_done, k_flag_multi, std::int32_t{0});
    end();
}

Result<Vector<Vector<std::uint8_t>>> Answer::finish() {
    if (failure_ != Errno{})
        return failure_;
    return std::move(datagrams_);
}

} // namespace os::netlink
