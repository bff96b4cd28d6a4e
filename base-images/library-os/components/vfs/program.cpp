#include <vfs/program.hpp>

#include <foundation/format.hpp>

namespace os::vfs {

namespace {

constinit ProgramInformation g_information{};

struct Strings {
    std::uint64_t start = 0;
    std::size_t size = 0;
};

// Moves `at` behind the closing null. The strings lie one behind the other.
Strings strings_at(const std::uint64_t*& at) {
    Strings out{*at, 0};
    for (; *at != 0; ++at)
        out.size = *at + __builtin_strlen(reinterpret_cast<const char*>(*at)) + 1 - out.start;
    ++at;
    return out;
}

} // namespace

void set_program(const char* executable, std::uint64_t stack_pointer) {
    const auto* at = reinterpret_cast<const std::uint64_t*>(stack_pointer) + 1;
    const Strings arguments = strings_at(at);
    const Strings environment = strings_at(at);
    const std::uint64_t* const auxiliary_vector = at;
    while (at[0] != 0)
        at += 2;
    ProgramInformation& out = g_information;
    format(out.executable, sizeof out.executable, "%s%s", executable[0] == '/' ? "" : "/",
           executable);
    out.arguments = arguments.start;
    out.arguments_size = arguments.size;
    out.environment = environment.start;
    out.environment_size = environment.size;
    out.auxiliary_vector = reinterpret_cast<std::uint64_t>(auxiliary_vector);
    out.auxiliary_vector_size =
        static_cast<std::size_t>(at + 2 - auxiliary_vector) * sizeof(std::uint64_t);
    out.stack_pointer = stack_pointer;
}

const ProgramInformation& program_information() {
    return g_information;
}

} // namespace os::vfs
