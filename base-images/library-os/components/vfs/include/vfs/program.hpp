// What /proc/self tells of the running program. The component that starts the program says it
// here, so that it need not depend on procfs, which an image may lack.
#pragma once

#include <foundation/span.hpp>

namespace os::vfs {

// Where the parts lie in the program's memory; they are read again each time they are asked for,
// since programs change them (setproctitle).
struct ProgramInformation {
    char executable[256] = "/";  // absolute path
    std::uint64_t arguments = 0; // NUL-terminated strings, one behind the other
    std::size_t arguments_size = 0;
    std::uint64_t environment = 0; // the same
    std::size_t environment_size = 0;
    std::uint64_t auxiliary_vector = 0;
    std::size_t auxiliary_vector_size = 0; // with the closing AT_NULL
    std::uint64_t stack_pointer = 0;       // that the program starts with
};

// Reads the rest from the stack that the program starts with (System V ABI, x86-64, 3.4.1: argc,
// the pointers of argv and envp, each closed by a null, the auxiliary vector). To be called once
// that is built, before the program runs. A relative path is taken from the root.
void set_program(const char* executable, std::uint64_t stack_pointer);
const ProgramInformation& program_information();

} // namespace os::vfs
