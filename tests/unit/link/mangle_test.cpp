#include <doctest/doctest.h>

#include <cstdint>

#include <cxxabi.h>
#include <link/mangle.hpp>

using namespace unik;

namespace {

std::string demangled(const std::string& symbol) {
    int status = 0;
    char* text = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
    REQUIRE(status == 0);
    std::string out = text;
    std::free(text);
    return out;
}

} // namespace

TEST_CASE("functions of every table are mangled as the compiler does it") {
    CHECK(demangled(link::mangle("os::vfs::start", link::k_no_parameters)) == "os::vfs::start()");
    CHECK(demangled(link::mangle("os::start", link::k_no_parameters)) == "os::start()");
    CHECK(demangled(link::mangle("os::virtio_net::attach", link::k_device_parameter)) ==
          "os::virtio_net::attach(os::Device&)");
    CHECK(demangled(link::mangle("os::linux::read", link::k_syscall_parameter)) ==
          "os::linux::read(os::SyscallArguments&)");
    CHECK(demangled(link::mangle("os::a::b::mount", link::k_text_parameter)) ==
          "os::a::b::mount(char const*)");
    CHECK(link::mangle("os::linux::read", link::k_syscall_parameter) ==
          "_ZN2os5linux4readERNS_16SyscallArgumentsE");
}
