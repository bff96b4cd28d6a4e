#include <doctest/doctest.h>

#include <string>

#include <analysis/needs.hpp>
#include <asm/unistd_64.h>

using namespace unik;

TEST_CASE("system call names and numbers agree with the kernel's header") {
    CHECK(analysis::syscall_name(__NR_read) == "read");
    CHECK(analysis::syscall_name(__NR_clone3) == "clone3");
    CHECK(analysis::syscall_number("exit_group") == __NR_exit_group);
    CHECK(analysis::syscall_number("futex_waitv") == __NR_futex_waitv);
    CHECK(analysis::syscall_number("nonsense") == -1);
    CHECK(analysis::syscall_name(400).empty());
    CHECK(analysis::syscall_name(0xffffffff).empty());
}

TEST_CASE("every name leads back to its number") {
    int count = 0;
    for (std::uint32_t number = 0; number < 512; ++number) {
        const std::string_view name = analysis::syscall_name(number);
        if (name.empty())
            continue;
        ++count;
        CHECK(analysis::syscall_number(name) == static_cast<int>(number));
    }
    CHECK(count >= 362);
}
