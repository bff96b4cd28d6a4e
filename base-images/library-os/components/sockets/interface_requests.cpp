// linux/sockios.h, linux/if.h: each request takes a struct ifreq with the interface's name, or asks
// for the list of all (SIOCGIFCONF).
#include "interface_requests.hpp"

#include <lwip/stack.hpp>
#include <memory/address_space.hpp>

namespace os::sockets {

namespace {
constexpr std::size_t k_name_size = 16;

struct Ifreq {
    char name[k_name_size];
    std::uint8_t value[24];
};
static_assert(sizeof(Ifreq) == 40);

struct Ifconf {
    std::int32_t size;
    std::int32_t padding;
    std::uint64_t buffer;
};
static_assert(sizeof(Ifconf) == 16);

constexpr std::uint64_t k_get_name = 0x8910;
constexpr std::uint64_t k_get_list = 0x8912;

void put_address(Ifreq& out, const std::uint8_t (&address)[4]) {
    out.value[0] = 2; // AF_INET
    __builtin_memcpy(out.value + 4, address, 4);
}
template <typename T>
void put(Ifreq& out, T value) {
    __builtin_memcpy(out.value, &value, sizeof value);
}

using Answer = void (*)(const lwip::InterfaceInfo&, Ifreq&);

void answer_flags(const lwip::InterfaceInfo& info, Ifreq& out) {
    put(out, lwip::flags_of(info));
}
void answer_address(const lwip::InterfaceInfo& info, Ifreq& out) {
    put_address(out, info.address.bytes);
}
void answer_netmask(const lwip::InterfaceInfo& info, Ifreq& out) {
    put_address(out, info.netmask.bytes);
}
void answer_broadcast(const lwip::InterfaceInfo& info, Ifreq& out) {
    std::uint8_t address[4] = {};
    for (int i = 0; i < 4 && !info.loopback; ++i)
        address[i] = static_cast<std::uint8_t>(info.address.bytes[i] | ~info.netmask.bytes[i]);
    put_address(out, address);
}
void answer_hardware(const lwip::InterfaceInfo& info, Ifreq& out) {
    put<std::uint16_t>(out, info.loopback ? 772 : 1); // ARPHRD_LOOPBACK, ARPHRD_ETHER
    __builtin_memcpy(out.value + 2, info.mac, sizeof info.mac);
}
void answer_mtu(const lwip::InterfaceInfo& info, Ifreq& out) {
    put(out, info.mtu);
}
void answer_index(const lwip::InterfaceInfo& info, Ifreq& out) {
    put(out, info.index);
}
void answer_metric(const lwip::InterfaceInfo&, Ifreq& out) {
    put(out, 0);
}
void answer_queue_length(const lwip::InterfaceInfo& info, Ifreq& out) {
    put(out, info.loopback ? 0 : 1000);
}

struct Request {
    std::uint64_t number;
    Answer answer;
};
constexpr Request k_requests[] = {
    {0x8913, answer_flags},    {0x8915, answer_address}, {0x8919, answer_broadcast},
    {0x891b, answer_netmask},  {0x891d, answer_metric},  {0x8921, answer_mtu},
    {0x8927, answer_hardware}, {0x8933, answer_index},   {0x8942, answer_queue_length},
};

struct Search {
    StringView name;
    unsigned index = 0; // 0: by name
    lwip::InterfaceInfo found;
    bool done = false;
};

Result<lwip::InterfaceInfo> find(StringView name, unsigned index) {
    Search search;
    search.name = name;
    search.index = index;
    lwip::for_each_interface(
        [](const lwip::InterfaceInfo& info, void* argument) {
            auto& wanted = *static_cast<Search*>(argument);
            const bool matches = wanted.index != 0 ? info.index == wanted.index
                                                   : StringView(info.name) == wanted.name;
            if (matches) {
                wanted.found = info;
                wanted.done = true;
            }
        },
        &search);
    if (!search.done)
        return Errno::enodev;
    return search.found;
}

void put_name(Ifreq& out, const lwip::InterfaceInfo& info) {
    static_assert(sizeof info.name <= k_name_size);
    __builtin_memset(out.name, 0, k_name_size);
    __builtin_memcpy(out.name, info.name, sizeof info.name);
}

Result<std::int64_t> get_name(std::uint64_t argument) {
    auto out = UNIK_TRY(memory::AppSpan<Ifreq>::writable(argument, 1));
    std::int32_t index = 0;
    __builtin_memcpy(&index, out[0].value, sizeof index);
    if (index <= 0)
        return Errno::enodev;
    put_name(out[0], UNIK_TRY(find({}, static_cast<unsigned>(index))));
    return 0;
}

Result<std::int64_t> get_list(std::uint64_t argument) {
    auto conf = UNIK_TRY(memory::AppSpan<Ifconf>::writable(argument, 1));
    struct List {
        Span<Ifreq> out;
        std::size_t count = 0;
        bool counting = false;
    } list;
    list.counting = conf[0].buffer == 0;
    if (conf[0].size < 0)
        return Errno::einval;
    const std::size_t room = static_cast<std::size_t>(conf[0].size) / sizeof(Ifreq);
    if (!list.counting)
        list.out = UNIK_TRY(memory::AppSpan<Ifreq>::writable(conf[0].buffer, room));
    lwip::for_each_interface(
        [](const lwip::InterfaceInfo& info, void* pointer) {
            auto& all = *static_cast<List*>(pointer);
            // Only interfaces with an IPv4 address are in the list.
            if ((info.address.bytes[0] | info.address.bytes[3]) == 0)
                return;
            if (!all.counting) {
                if (all.count >= all.out.size())
                    return;
                Ifreq entry{};
                put_name(entry, info);
                answer_address(info, entry);
                all.out[all.count] = entry;
            }
            ++all.count;
        },
        &list);
    conf[0].size = static_cast<std::int32_t>(list.count * sizeof(Ifreq));
    return 0;
}
} // namespace

Result<std::int64_t> interface_request(std::uint64_t request, std::uint64_t argument) {
    if (request == k_get_name)
        return get_name(argument);
    if (request == k_get_list)
        return get_list(argument);
    for (const Request& known : k_requests) {
        if (known.number != request)
            continue;
        auto inout = UNIK_TRY(memory::AppSpan<Ifreq>::writable(argument, 1));
        Ifreq copy = inout[0];
        copy.name[k_name_size - 1] = '\0';
        const lwip::InterfaceInfo info = UNIK_TRY(find(copy.name, 0));
        __builtin_memset(copy.value, 0, sizeof copy.value);
        known.answer(info, copy);
        inout[0] = copy;
        return 0;
    }
    return Errno::enotty;
}

} // namespace os::sockets
