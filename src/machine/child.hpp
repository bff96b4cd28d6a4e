// The hypervisor's process. It dies with us: it gets SIGKILL when our process ends, however that
// comes about, and when this value is destroyed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <support/descriptor.hpp>
#include <support/result.hpp>

namespace unik::machine {

class Child {
public:
    // In a process group of its own, so that a terminal's Ctrl-C reaches only us. stdin and stdout
    // are the descriptor given, or /dev/null.
    static Result<Child> spawn(const std::vector<std::string>& command, int standard = -1);
    Child(Child&&) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();

    int process() const { return process_.get(); } // readable when it has ended
    int errors() const { return errors_.get(); }   // its stderr
    void kill();
    // The exit status, 128 + N after signal N; nothing while it runs.
    std::optional<int> status();
    int wait();

private:
    Child(pid_t id, Descriptor process, Descriptor errors);
    pid_t id_;
    std::optional<int> status_;
    Descriptor process_;
    Descriptor errors_;
};

} // namespace unik::machine
