#include "message.hpp"

#include <memory/address_space.hpp>

namespace os::linux_sockets {

namespace {
struct IoVector {
    std::uint64_t address;
    std::uint64_t size;
};

struct ControlHeader {  // struct cmsghdr
    std::uint64_t size; // with this header
    std::int32_t level;
    std::int32_t type;
};
static_assert(sizeof(ControlHeader) == 16);

struct PacketInfo4 { // struct in_pktinfo
    std::int32_t interface;
    std::uint8_t source[4];
    std::uint8_t destination[4];
};
struct PacketInfo6 { // struct in6_pktinfo
    std::uint8_t address[16];
    std::uint32_t interface;
};

constexpr std::int32_t k_credentials = 2;       // SCM_CREDENTIALS
constexpr std::int32_t k_rights = 1;            // SCM_RIGHTS
constexpr std::int32_t k_packet_info4 = 8;      // IP_PKTINFO
constexpr std::int32_t k_packet_info6 = 50;     // IPV6_PKTINFO
constexpr std::int32_t k_type_of_service4 = 1;  // IP_TOS
constexpr std::int32_t k_time_to_live4 = 2;     // IP_TTL
constexpr std::int32_t k_hop_limit6 = 52;       // IPV6_HOPLIMIT
constexpr std::int32_t k_traffic_class6 = 67;   // IPV6_TCLASS
constexpr std::int32_t k_time = 29;             // SCM_TIMESTAMP
constexpr std::int32_t k_time_nanoseconds = 35; // SCM_TIMESTAMPNS
constexpr std::size_t k_most_files = 253;       // SCM_MAX_FD
constexpr std::size_t k_most_control = 10240;

template <typename Element, typename Check>
Result<Vector<Element>> vectors(std::uint64_t address, std::uint64_t count, Check check) {
    if (count > k_most_vectors)
        return Errno::emsgsize;
    auto entries =
        UNIK_TRY(memory::AppSpan<IoVector>::readable(address, static_cast<std::size_t>(count)));
    Vector<Element> out;
    UNIK_TRY(out.reserve(entries.size()));
    for (const IoVector& entry : entries) {
        if (static_cast<std::int64_t>(entry.size) < 0)
            return Errno::einval;
        UNIK_TRY(out.push(UNIK_TRY(check(entry.address, entry.size))));
    }
    return out;
}

Result<void> read_rights(Bytes data, sockets::SendRequest& request) {
    const std::size_t count = data.size() / sizeof(std::int32_t);
    if (count > k_most_files)
        return Errno::einval;
    if (!sockets::PassedFile::room_for(count))
        return Errno::etoomanyrefs;
    UNIK_TRY(request.files.reserve(count));
    for (std::size_t i = 0; i < count; ++i) {
        std::int32_t descriptor = 0;
        __builtin_memcpy(&descriptor, data.data() + i * sizeof descriptor, sizeof descriptor);
        UNIK_TRY(request.files.push(sockets::PassedFile(UNIK_TRY(vfs::file_of(descriptor)))));
    }
    return {};
}

// A privileged program may name other users and groups, but no process that does not exist.
Result<void> read_credentials(Bytes data, sockets::SendRequest& request) {
    sockets::Credentials named;
    if (data.size() != sizeof named)
        return Errno::einval;
    __builtin_memcpy(&named, data.data(), sizeof named);
    if (named.process != request.credentials.process)
        return Errno::esrch;
    request.credentials = named;
    return {};
}

void read_packet_info4(Bytes data, sockets::SendRequest& request) {
    PacketInfo4 info;
    __builtin_memcpy(&info, data.data(), sizeof info);
    request.info.present = true;
    request.info.interface = static_cast<unsigned>(info.interface);
    IP_SET_TYPE_VAL(request.info.destination, IPADDR_TYPE_V4);
    __builtin_memcpy(&ip_2_ip4(&request.info.destination)->addr, info.source, 4);
}

void read_packet_info6(Bytes data, sockets::SendRequest& request) {
    PacketInfo6 info;
    __builtin_memcpy(&info, data.data(), sizeof info);
    request.info.present = true;
    request.info.interface = info.interface;
    IP_SET_TYPE_VAL(request.info.destination, IPADDR_TYPE_V6);
    __builtin_memcpy(ip_2_ip6(&request.info.destination)->addr, info.address, 16);
}

Result<void> read_one(const ControlHeader& header, Bytes data, sockets::SendRequest& request) {
    if (header.level == sockets::k_level_socket && header.type == k_rights)
        return read_rights(data, request);
    if (header.level == sockets::k_level_socket && header.type == k_credentials)
        return read_credentials(data, request);
    if (header.level == sockets::k_level_socket)
        return Errno::einval;
    if (header.level == sockets::k_level_ip && header.type == k_packet_info4 &&
        data.size() >= sizeof(PacketInfo4))
        read_packet_info4(data, request);
    else if (header.level == sockets::k_level_ipv6 && header.type == k_packet_info6 &&
             data.size() >= sizeof(PacketInfo6))
        read_packet_info6(data, request);
    return {};
}

// Appends control messages to the program's buffer.
class ControlWriter {
public:
    explicit ControlWriter(MutableBytes out) : out_(out) {}
    // False when it does not fit.
    bool add(std::int32_t level, std::int32_t type, const void* data, std::size_t size) {
        const ControlHeader header{sizeof(ControlHeader) + size, level, type};
        if (header.size > out_.size() - used_)
            return false;
        __builtin_memcpy(out_.data() + used_, &header, sizeof header);
        __builtin_memcpy(out_.data() + used_ + sizeof header, data, size);
        const std::size_t padded = align_up(header.size, 8);
        used_ += padded < out_.size() - used_ ? padded : out_.size() - used_;
        return true;
    }
    std::size_t room() const {
        const std::size_t left = out_.size() - used_;
        return left > sizeof(ControlHeader) ? left - sizeof(ControlHeader) : 0;
    }
    std::size_t used() const { return used_; }

private:
    MutableBytes out_;
    std::size_t used_ = 0;
};

bool write_packet_info(ControlWriter& writer, const sockets::ReceiveRequest& request,
                       const sockets::Socket& socket) {
    const ip_addr_t& destination = request.info.destination;
    if (socket.family() == sockets::k_family_inet) {
        PacketInfo4 info{};
        info.interface = static_cast<std::int32_t>(request.info.interface);
        __builtin_memcpy(info.destination, &ip_2_ip4(&destination)->addr, 4);
        __builtin_memcpy(info.source, info.destination, 4);
        return writer.add(sockets::k_level_ip, k_packet_info4, &info, sizeof info);
    }
    // The address stands behind family, port and flow of a sockaddr_in6.
    const sockets::SocketAddress shown =
        sockets::format_endpoint({destination, 0}, sockets::k_family_inet6);
    PacketInfo6 info{};
    info.interface = request.info.interface;
    __builtin_memcpy(info.address, shown.bytes + 8, 16);
    return writer.add(sockets::k_level_ipv6, k_packet_info6, &info, sizeof info);
}

bool write_time(ControlWriter& writer, const sockets::DatagramFacts& facts) {
    constexpr std::int64_t k_second = 1000000000;
    constexpr std::int64_t k_microsecond = 1000;
    const bool fine = facts.format == sockets::DatagramFacts::TimeFormat::nanoseconds;
    const std::int64_t parts[2] = {facts.time.value / k_second, // struct timeval or timespec
                                   facts.time.value % k_second / (fine ? 1 : k_microsecond)};
    return writer.add(sockets::k_level_socket, fine ? k_time_nanoseconds : k_time, parts,
                      sizeof parts);
}

bool write_facts(ControlWriter& writer, const sockets::DatagramFacts& facts,
                 const sockets::Socket& socket) {
    const bool four = socket.family() == sockets::k_family_inet;
    const int level = four ? sockets::k_level_ip : sockets::k_level_ipv6;
    bool all = !facts.has_time || write_time(writer, facts);
    if (facts.time_to_live >= 0)
        all = writer.add(level, four ? k_time_to_live4 : k_hop_limit6, &facts.time_to_live,
                         sizeof facts.time_to_live) &&
              all;
    // IPv4's is a single byte.
    if (facts.type_of_service >= 0)
        all = writer.add(level, four ? k_type_of_service4 : k_traffic_class6,
                         &facts.type_of_service, four ? 1 : sizeof facts.type_of_service) &&
              all;
    return all;
}

// Gives the received files descriptors, as many as the program has room for.
bool write_rights(ControlWriter& writer, sockets::ReceiveRequest& request,
                  vfs::CloseOnExec close_on_exec) {
    std::int32_t descriptors[k_most_files];
    const std::size_t room = writer.room() / sizeof descriptors[0];
    std::size_t count = 0;
    for (const sockets::PassedFile& passed : request.files) {
        if (count >= room || count >= k_most_files)
            break;
        const Result<int> descriptor = vfs::install(passed.file(), close_on_exec);
        if (!descriptor.ok())
            break;
        descriptors[count++] = descriptor.value();
    }
    const bool all = count == request.files.size();
    if (count > 0)
        (void)writer.add(sockets::k_level_socket, k_rights, descriptors,
                         count * sizeof descriptors[0]);
    return all;
}
} // namespace

Result<Vector<Bytes>> readable_vectors(std::uint64_t address, std::uint64_t count) {
    return vectors<Bytes>(address, count, &memory::AppSpan<std::uint8_t>::readable);
}

Result<Vector<MutableBytes>> writable_vectors(std::uint64_t address, std::uint64_t count) {
    return vectors<MutableBytes>(address, count, &memory::AppSpan<std::uint8_t>::writable);
}

Result<void> read_control(const MessageHeader& header, sockets::SendRequest& request) {
    if (header.control == 0 || header.control_size == 0)
        return {};
    if (header.control_size > k_most_control)
        return Errno::enobufs;
    Bytes left = UNIK_TRY(memory::AppSpan<std::uint8_t>::readable(
        header.control, static_cast<std::size_t>(header.control_size)));
    while (left.size() >= sizeof(ControlHeader)) {
        ControlHeader one;
        __builtin_memcpy(&one, left.data(), sizeof one);
        if (one.size < sizeof one || one.size > left.size())
            return Errno::einval;
        const auto size = static_cast<std::size_t>(one.size);
        UNIK_TRY(read_one(one, left.part(sizeof one, size - sizeof one), request));
        left = left.part(align_up(size, 8));
    }
    return {};
}

Result<void> write_control(MessageHeader& header, sockets::ReceiveRequest& request,
                           const sockets::Socket& socket, vfs::CloseOnExec close_on_exec) {
    const auto size = static_cast<std::size_t>(
        header.control_size < k_most_control ? header.control_size : k_most_control);
    const MutableBytes out = UNIK_TRY(
        memory::AppSpan<std::uint8_t>::writable(header.control, header.control == 0 ? 0 : size));
    ControlWriter writer(out);
    bool complete = write_facts(writer, request.facts, socket);
    if (request.info.present)
        complete = write_packet_info(writer, request, socket) && complete;
    if (request.has_credentials)
        complete = writer.add(sockets::k_level_socket, k_credentials, &request.credentials,
                              sizeof request.credentials) &&
                   complete;
    if (!request.files.empty())
        complete = write_rights(writer, request, close_on_exec) && complete;
    if (!complete)
        request.out_flags |= sockets::k_message_control_truncated;
    header.control_size = writer.used();
    return {};
}

} // namespace os::linux_sockets
