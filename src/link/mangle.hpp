// From a function's name in component.yaml to its symbol. Each table's functions have one
// signature, so the Itanium C++ ABI's mangling (section 5.1) comes down to the name and a fixed
// ending.
#pragma once

#include <string>
#include <string_view>

namespace unik::link {

// The ending that stands for the parameters. `os` is the first part of every name, hence the
// substitution S_.
inline constexpr std::string_view k_no_parameters = "v";
inline constexpr std::string_view k_device_parameter = "RNS_6DeviceE";             // os::Device&
inline constexpr std::string_view k_syscall_parameter = "RNS_16SyscallArgumentsE"; // …Arguments&
inline constexpr std::string_view k_text_parameter = "PKc";                        // const char*

// name: "os::virtio_net::attach".
std::string mangle(std::string_view name, std::string_view parameters);

} // namespace unik::link
