// The controller: switching it on and off, its administration, and requests.
//
// Several requests are out at once, each with a thread that waits for it. One that gets no answer,
// or a controller that breaks the rules, leads to a reset (1.4, 7.3.2): all that is out fails, what
// comes meanwhile waits. A controller that does not come back is dead: it is cut off from memory,
// and everything fails at once.
#pragma once

#include <foundation/lock.hpp>
#include <threads/wait_queue.hpp>

#include "identify.hpp"
#include "page_list.hpp"
#include "queue_pair.hpp"

namespace os::nvme {

class Controller {
public:
    // `cut_off` ends the controller's access to memory.
    struct Bus {
        Registers& registers;
        Capabilities capabilities;
        void (*cut_off)(void*) = nullptr;
        void* argument = nullptr;
    };
    explicit Controller(const Bus& bus) : bus_(bus) {}

    // Switches it on. After a failure it is off, or cut off.
    Result<void> start();
    const ControllerIdentity& identity() const { return identity_; }

    // The numbers of the namespaces that exist, ascending; returns how many.
    Result<std::size_t> list_namespaces(Span<std::uint32_t> out);
    Result<NamespaceIdentity> identify_namespace(std::uint32_t id);

    // The completion's status. eio: there was none; `device` is who reports what came of it.
    Result<std::uint16_t> execute(block::BlockDevice& device, Command command, MutableBytes data);

    // Takes completions. Any context.
    void collect();

private:
    enum class State { off, working, resetting, dead };
    // What driver and controller share, a page each.
    enum Page { admin_commands, admin_completions, io_commands, io_completions, lists, answer };
    static constexpr unsigned k_pages = 6;
    static constexpr std::uint16_t k_admin = 0;
    static constexpr std::uint16_t k_io = 1;

    void* page(Page which) const;
    void write64(unsigned offset, std::uint64_t value);
    bool wait_for_ready(std::uint32_t ready);
    Result<void> switch_on();
    Result<void> switch_off();
    void stop();
    void clear_queues();
    Result<void> create_queues();
    Result<void> administer(const Command& command);
    Result<Bytes> identify(std::uint8_t what, std::uint32_t namespace_id);
    bool lost();
    void issue(QueuePair& pair, std::uint16_t id, const Command& command, Request& request);
    bool wait(Request& request);
    void recover(block::BlockDevice& device);

    const Bus bus_;
    SpinLock lock_{LockRank::devices}; // the two pairs
    QueuePair admin_;
    QueuePair io_;
    PhysAddr pages_[k_pages] = {};
    ControllerIdentity identity_;
    threads::WaitQueue room_;
    State state_ = State::off;
};

} // namespace os::nvme
