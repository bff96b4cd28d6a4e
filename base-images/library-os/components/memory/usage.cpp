#include <memory/usage.hpp>

#include <memory/frames.hpp>
#include <memory/report.hpp>

#include "address_space_state.hpp"
#include "frame_access.hpp"

namespace os::memory {

namespace {

constinit List<MemoryUser> g_users;
constinit Report g_report = nullptr;

const char* name_of(const Area& area) {
    if (area.name != nullptr)
        return area.name;
    return area.backing == Backing::pager ? "mapped files" : "anonymous memory";
}

// Frames that are the program's own; lent ones count where they are kept.
std::uint64_t own_pages(const Area& area) {
    const VirtAddr end{area.end};
    std::uint64_t pages = 0;
    for (VirtAddr page = arch::next_page(VirtAddr{area.start}, end); page < end;
         page = arch::next_page(page + k_page_size, end))
        pages += arch::translate(page).lent ? 0 : 1;
    return pages;
}

// A table of fixed size in descending order; what is too small for it is left out.
class Largest {
public:
    explicit Largest(Span<control::NamedValue> users) : users_(users) {}

    void add(const char* name, std::uint64_t pages) {
        total_ += pages;
        std::size_t at = 0;
        while (at < count_ && !(StringView(users_[at].name) == StringView(name)))
            ++at;
        if (at == count_ && !make_room(pages))
            return;
        if (at >= count_)
            at = count_++;
        users_[at].name = name;
        users_[at].value += pages;
        for (; at > 0 && users_[at - 1].value < users_[at].value; --at)
            std::swap(users_[at - 1], users_[at]);
    }
    std::size_t count() const { return count_; }
    std::uint64_t total() const { return total_; }

private:
    bool make_room(std::uint64_t pages) {
        if (pages == 0)
            return false;
        if (count_ == users_.size()) {
            if (count_ == 0 || users_[count_ - 1].value >= pages)
                return false;
            --count_;
        }
        users_[count_] = {nullptr, 0};
        return true;
    }

    Span<control::NamedValue> users_;
    std::size_t count_ = 0;
    std::uint64_t total_ = 0;
};

} // namespace

void register_user(MemoryUser& user) {
    g_users.push_back(user);
}

std::size_t largest_users(Span<control::NamedValue> users) {
    Largest largest(users);
    for (const Area* area = g_space.areas.first(); area != nullptr; area = Areas::next(*area))
        largest.add(name_of(*area), own_pages(*area));
    g_users.for_each([&](const MemoryUser& user) { largest.add(user.name, user.pages()); });
    largest.add("the kernel's heap", heap_pages());
    const FrameCount frames = frame_count();
    const std::uint64_t used = frames.total - frames.free;
    if (used > largest.total())
        largest.add("the kernel otherwise", used - largest.total());
    return largest.count();
}

void set_report(Report wanted) {
    g_report = wanted;
}

void report(control::Event& event) {
    if (g_report != nullptr)
        g_report(event);
}

} // namespace os::memory
