#include <machine/accelerator.hpp>

#include <sstream>

#include <fcntl.h>
#include <support/file.hpp>

#include <support/descriptor.hpp>

namespace unik::machine {
namespace {

constexpr Bytes k_largest_cpu_information{16 << 20};

bool kvm_opens() {
    return Descriptor(::open("/dev/kvm", O_RDWR | O_CLOEXEC)).is_open();
}

} // namespace

bool shows_virtualisation(std::string_view cpu_information) {
    std::istringstream lines{std::string(cpu_information)};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("flags"))
            continue;
        std::istringstream words(line);
        for (std::string word; words >> word;) {
            if (word == "vmx" || word == "svm")
                return true;
        }
        return false; // the other CPUs are the same
    }
    return false;
}

Result<Accelerator> choose_accelerator(Accelerator wanted) {
    if (wanted == Accelerator::tcg)
        return Accelerator::tcg;
    // A device node alone proves little: in a container or a nested machine it may be there while
    // the CPU has no extensions, and QEMU would then fail.
    const auto information = read_text_file("/proc/cpuinfo", k_largest_cpu_information);
    if (kvm_opens() && information.ok() && shows_virtualisation(information.value()))
        return Accelerator::kvm;
    if (wanted == Accelerator::kvm)
        return make_error("no-kvm",
                          "KVM is demanded, but /dev/kvm cannot be opened or the CPU shows neither "
                          "vmx nor svm",
                          "choose --accel tcg, or give your user access to /dev/kvm");
    return Accelerator::tcg;
}

} // namespace unik::machine
