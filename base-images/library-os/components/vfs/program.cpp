#include <vfs/program.hpp>

namespace os::vfs {

namespace {
constinit ProgramInformation g_information{};
} // namespace

void set_program_information(const ProgramInformation& information) {
    g_information = information;
}

const ProgramInformation& program_information() {
    return g_information;
}

} // namespace os::vfs
