// Parts of the kernel that take frames for themselves, by name: for the report of
// memory/report.hpp.
#pragma once

#include <cstdint>

#include <foundation/list.hpp>

namespace os::memory {

struct MemoryUser : ListNode<> {
    constexpr MemoryUser(const char* name_, std::uint64_t (*pages_)())
        : name(name_), pages(pages_) {}
    const char* name;
    std::uint64_t (*pages)();
};
void register_user(MemoryUser& user); // for ever

} // namespace os::memory
