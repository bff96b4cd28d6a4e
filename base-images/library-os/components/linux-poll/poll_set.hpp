// One wait for any of several files: the engine under poll and select.
#pragma once

#include <foundation/own.hpp>
#include <foundation/types.hpp>
#include <foundation/vector.hpp>
#include <threads/wait_queue.hpp>
#include <vfs/file.hpp>

namespace os::linux {

class PollSet {
public:
    struct Item {
        Ref<vfs::File> file; // null: ready says what is to be told
        vfs::PollMask wanted = 0;
        vfs::PollMask ready = 0;
    };

    Result<void> add(Ref<vfs::File> file, vfs::PollMask wanted);
    Result<void> add_invalid(); // not an open descriptor: k_poll_invalid
    // Fills in `ready`; returns how many items have something. eintr.
    Result<int> wait(Nanoseconds deadline);
    Span<const Item> items() const { return items_.span(); }

private:
    // Wakes the waiting thread.
    class Listener final : public vfs::PollListener {
    public:
        Listener(threads::WaitQueue& queue, bool& happened, vfs::PollMask wanted)
            : queue_(queue), happened_(happened), wanted_(wanted) {}
        void ready(vfs::PollMask events) override;

    private:
        threads::WaitQueue& queue_;
        bool& happened_;
        vfs::PollMask wanted_;
    };

    int collect();
    Result<void> listen(Vector<Own<Listener>>& listeners);

    Vector<Item> items_;
    threads::WaitQueue queue_;
    bool happened_ = false; // since the files were last asked
};

} // namespace os::linux
