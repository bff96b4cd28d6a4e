// Messages of netlink(7) in the layout of linux/netlink.h and linux/rtnetlink.h: a header, a fixed
// part that depends on the type, then attributes; each begins at a multiple of four bytes.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/vector.hpp>

namespace os::netlink {

struct Header { // struct nlmsghdr
    std::uint32_t size;
    std::uint16_t type;
    std::uint16_t flags;
    std::uint32_t sequence;
    std::uint32_t port;
};
static_assert(sizeof(Header) == 16);

struct AttributeHeader { // struct rtattr
    std::uint16_t size;
    std::uint16_t type;
};
static_assert(sizeof(AttributeHeader) == 4);

inline constexpr std::uint16_t k_type_error = 2; // NLMSG_ERROR
inline constexpr std::uint16_t k_type_done = 3;  // NLMSG_DONE
inline constexpr std::uint16_t k_first_type = 16;

inline constexpr std::uint16_t k_flag_request = 1;
inline constexpr std::uint16_t k_flag_multi = 2;
inline constexpr std::uint16_t k_flag_acknowledge = 4;
inline constexpr std::uint16_t k_flag_capped =
    0x100;                                           // of an error: the request is not echoed whole
inline constexpr std::uint16_t k_flags_dump = 0x300; // NLM_F_ROOT | NLM_F_MATCH

// One request of the program.
struct Request {
    Header header{};
    Bytes body; // behind the header
    bool dumps() const { return (header.flags & k_flags_dump) == k_flags_dump; }
    // The fixed part as far as it was sent; the rest is zero.
    template <typename T>
    T fixed() const {
        T out{};
        __builtin_memcpy(&out, body.data(), body.size() < sizeof out ? body.size() : sizeof out);
        return out;
    }
    // The value of an attribute behind a fixed part of this size; empty when it is not there.
    Bytes attribute(std::size_t fixed_size, std::uint16_t type) const;
};

// Takes the first message off the bytes; false at the end of what is well formed.
bool next_request(Bytes& left, Request& out);

// Datagrams full of messages for one asker. A dump is many messages, packed into datagrams that fit
// into the 4 KiB that readers offer at least.
class Answer {
public:
    Answer(const Header& request, std::uint32_t port) : request_(request), port_(port) {}

    // Begins a message; the attributes follow. Errors are kept and told by finish().
    template <typename T>
    void begin(std::uint16_t type, std::uint16_t flags, const T& fixed) {
        begin(type, flags, {reinterpret_cast<const std::uint8_t*>(&fixed), sizeof fixed});
    }
    void add(std::uint16_t attribute, Bytes value);
    template <typename T>
    void add_value(std::uint16_t attribute, const T& value) {
        add(attribute, {reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
    }
    void add_text(std::uint16_t attribute, StringView text); // with its NUL
    void end();
    bool empty() const { return datagrams_.empty(); }

    // NLMSG_ERROR; Errno{} is an acknowledgement.
    void error(Errno error);
    void done(); // NLMSG_DONE

    Result<Vector<Vector<std::uint8_t>>> finish();

private:
    void begin(std::uint16_t type, std::uint16_t flags, Bytes fixed);
    void note(Result<void> result);
    void append(Bytes bytes);

    Header request_;
    std::uint32_t port_;
    Vector<std::uint8_t> message_; // under construction
    Vector<Vector<std::uint8_t>> datagrams_;
    Errno failure_{};
};

} // namespace os::netlink
