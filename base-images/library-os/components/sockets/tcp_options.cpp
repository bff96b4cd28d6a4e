// The options of TCP.
#include <lwip/stack.hpp>

#include "tcp_socket.hpp"

namespace os::sockets {

namespace {
constexpr int number(TcpOption option) {
    return static_cast<int>(option);
}
constexpr int number(SocketOption option) {
    return static_cast<int>(option);
}
constexpr u32_t milliseconds(std::int32_t seconds) {
    return static_cast<u32_t>(seconds) * 1000;
}

// The only algorithm there is: lwIP's, slow start and congestion avoidance with fast recovery (RFC
// 5681). TCP_CONGESTION tells it and takes no other.
constexpr char k_congestion[16] = "reno"; // TCP_CA_NAME_MAX

// Linux's number (linux/tcp_states.h) of lwIP's states.
constexpr std::uint8_t k_states[] = {7, 10, 2, 3, 1, 4, 5, 8, 11, 9, 6};
static_assert(CLOSED == 0 && ESTABLISHED == 4 && CLOSING == 8 && TIME_WAIT == 10);

// struct tcp_info (linux/tcp.h) as far as it is told.
struct Info {
    std::uint8_t state, congestion_state, retransmits, probes, backoff, options, scale, flags;
    std::uint32_t timeout, ack_timeout, send_segment, receive_segment;
    std::uint32_t unacknowledged, selected, lost, retransmitted, forward;
    std::uint32_t last_data_sent, last_ack_sent, last_data_received, last_ack_received;
    std::uint32_t path_mtu, receive_threshold, round_trip, round_trip_variance, send_threshold;
    std::uint32_t congestion_window, advertised_segment, reordering;
    std::uint32_t receive_round_trip, receive_space, total_retransmitted;
};
static_assert(sizeof(Info) == 104);

template <typename T>
std::size_t store(const T& value, MutableBytes out) {
    const std::size_t size = out.size() < sizeof value ? out.size() : sizeof value;
    __builtin_memcpy(out.data(), &value, size);
    return size;
}

constexpr Nanoseconds k_millisecond{1000000};
constexpr u8_t k_look_after_interval = 2; // in steps of lwIP's slow timer
} // namespace

void TcpSocket::apply_options() {
    if (options_(TcpOption::no_delay) != 0)
        tcp_nagle_disable(pcb_);
    if (options_(SocketOption::reuse_address) != 0 || shares_port())
        ip_set_option(pcb_, SOF_REUSEADDR);
    if (options_(SocketOption::keep_alive) != 0)
        ip_set_option(pcb_, SOF_KEEPALIVE);
    pcb_->keep_idle = milliseconds(options_(TcpOption::keep_idle));
    pcb_->keep_intvl = milliseconds(options_(TcpOption::keep_interval));
    pcb_->keep_cnt = static_cast<u32_t>(options_(TcpOption::keep_count));
    user_timeout_ = options_(TcpOption::user_timeout);
    const bool watched = user_timeout_ != 0;
    tcp_poll(pcb_, watched ? &TcpSocket::look_after : nullptr,
             watched ? k_look_after_interval : u8_t{0});
    pcb_->ttl = static_cast<u8_t>(options_(IpOption::time_to_live));
    pcb_->tos = static_cast<u8_t>(options_(IpOption::type_of_service));
}

void TcpSocket::option_changed(int level, int name, std::int32_t value) {
    if (level == k_level_tcp && name == number(TcpOption::cork))
        corked_ = value != 0;
    if (pcb_ == nullptr)
        return;
    if (state_ == State::listening) { // has only the options of IP
        return;
    }
    if (level == k_level_socket && options_(SocketOption::reuse_address) == 0 && !shares_port())
        ip_reset_option(pcb_, SOF_REUSEADDR);
    if (level == k_level_socket && name == number(SocketOption::keep_alive) && value == 0)
        ip_reset_option(pcb_, SOF_KEEPALIVE);
    if (level == k_level_tcp && name == number(TcpOption::no_delay) && value == 0)
        tcp_nagle_enable(pcb_);
    apply_options();
    const bool pushes = name == number(TcpOption::cork) || name == number(TcpOption::no_delay);
    if (level == k_level_tcp && pushes && state_ == State::connected)
        push_out();
}

// TCP_USER_TIMEOUT (RFC 5482): the connection ends when the peer has acknowledged nothing of what
// is under way for so long.
void TcpSocket::watch_progress() {
    if (user_timeout_ != 0)
        progress_ = clock::monotonic();
}

bool TcpSocket::overdue() const {
    const Nanoseconds limit{user_timeout_ * k_millisecond.value};
    return limit.value > 0 && (pcb_->unacked != nullptr || pcb_->unsent != nullptr) &&
           clock::monotonic() - progress_ > limit;
}

err_t TcpSocket::look_after(void* socket, tcp_pcb* pcb) {
    auto* self = static_cast<TcpSocket*>(socket);
    if (self == nullptr || self->pcb_ != pcb || !self->overdue())
        return ERR_OK;
    tcp_abort(pcb); // tells failed(): ETIMEDOUT
    return ERR_ABRT;
}

void TcpSocket::describe_state(std::uint8_t (&out)[104]) const {
    Info info{};
    info.state = state_ == State::listening ? 10 : 7;
    if (state_ == State::listening) {
        info.unacknowledged = static_cast<std::uint32_t>(waiting_.size());
        info.selected = static_cast<std::uint32_t>(backlog_);
    } else if (pcb_ != nullptr) {
        constexpr std::uint32_t k_tick = TCP_SLOW_INTERVAL * 1000; // in microseconds
        info.state = k_states[pcb_->state];
        info.retransmits = pcb_->nrtx;
        info.timeout = static_cast<std::uint32_t>(pcb_->rto) * k_tick;
        info.send_segment = info.receive_segment = pcb_->mss;
        for (const tcp_seg* segment = pcb_->unacked; segment != nullptr; segment = segment->next)
            ++info.unacknowledged;
        info.path_mtu = pcb_->mss + 40U;
        info.round_trip = static_cast<std::uint32_t>(pcb_->sa >> 3) * k_tick;
        info.round_trip_variance = static_cast<std::uint32_t>(pcb_->sv) * k_tick / 4;
        info.send_threshold = pcb_->ssthresh / pcb_->mss;
        info.congestion_window = pcb_->cwnd / pcb_->mss;
        info.advertised_segment = TCP_MSS;
        info.reordering = 3;
        info.receive_space = pcb_->rcv_wnd;
    }
    __builtin_memcpy(out, &info, sizeof info);
}

Result<void> TcpSocket::set_special(int level, int name, Bytes value) {
    if (level != k_level_tcp || name != number(TcpOption::congestion))
        return Errno::enoprotoopt;
    if (value.empty())
        return Errno::einval;
    const StringView text(reinterpret_cast<const char*>(value.data()), value.size());
    return text.part(0, text.find('\0')) == k_congestion ? Result<void>() : Errno::enoent;
}

Result<std::size_t> TcpSocket::get_special(int level, int name, MutableBytes out) {
    if (level == k_level_ip && name == static_cast<int>(IpOption::path_mtu)) {
        if (pcb_ == nullptr || state_ != State::connected)
            return Errno::enotconn;
        return store(mtu_towards(pcb_->remote_ip), out);
    }
    if (level != k_level_tcp)
        return Errno::enoprotoopt;
    if (name == number(TcpOption::info)) {
        std::uint8_t info[sizeof(Info)];
        describe_state(info);
        return store(info, out);
    }
    if (name == number(TcpOption::congestion))
        return store(k_congestion, out);
    if (name == number(TcpOption::segment_size) && pcb_ != nullptr && state_ == State::connected)
        return store(std::int32_t{tcp_mss(pcb_)}, out);
    return Errno::enoprotoopt;
}

} // namespace os::sockets
