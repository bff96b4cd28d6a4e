// UEFI 2.10, 7.4.6: the boot services end only for who knows the memory map as it is. The call
// itself may change the map, by what the firmware does when it is told of the end; then it fails,
// the map is read anew and the call made again. Between the two no other service is called, since a
// part of the firmware may be shut down already.
#include "memory_map.hpp"

namespace os::boot_uefi {

std::uint64_t map_room(const BootServices& services) {
    std::uint64_t size = 0;
    std::uint64_t key = 0;
    std::uint64_t descriptor_size = 0;
    std::uint32_t version = 0;
    const Status status = services.get_memory_map(&size, nullptr, &key, &descriptor_size, &version);
    constexpr std::uint64_t k_growth = 32; // descriptors
    constexpr std::uint64_t k_largest = 1 << 20;
    if (status != k_buffer_too_small || size > k_largest || descriptor_size > k_largest / k_growth)
        return 0;
    return size + k_growth * descriptor_size;
}

Status leave_firmware(const BootServices& services, Handle image, std::uint64_t room,
                      MemoryMap& map) {
    constexpr unsigned k_tries = 8;
    Status status = k_invalid_parameter;
    for (unsigned i = 0; i < k_tries && status == k_invalid_parameter; ++i) {
        std::uint64_t key = 0;
        std::uint32_t version = 0;
        map.size = room;
        status = services.get_memory_map(&map.size, reinterpret_cast<void*>(map.start), &key,
                                         &map.descriptor_size, &version);
        if (!failed(status))
            status = services.exit_boot_services(image, key);
    }
    return status;
}

} // namespace os::boot_uefi
