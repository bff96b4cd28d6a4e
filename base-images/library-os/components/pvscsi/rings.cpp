#include "rings.hpp"

namespace os::pvscsi {

namespace {
constexpr std::uint32_t log2_of(std::uint32_t value) {
    return value <= 1 ? 0 : 1 + log2_of(value / 2);
}
} // namespace

void Rings::initialise(void* state, void* requests, void* completions) {
    __builtin_memset(state, 0, k_page_size);
    __builtin_memset(requests, 0, k_page_size);
    __builtin_memset(completions, 0, k_page_size);
    state_ = static_cast<volatile RingState*>(state);
    requests_ = static_cast<Request*>(requests);
    completions_ = static_cast<const Completion*>(completions);
    made_ = taken_ = 0;
    broken_ = false;
    // The adapter fills these in too.
    state_->request_entries_log2 = log2_of(k_request_entries);
    state_->completion_entries_log2 = log2_of(k_completion_entries);
}

void Rings::add(const Request& request) {
    __builtin_memcpy(&requests_[made_ % k_request_entries], &request, sizeof request);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    state_->requests_made = ++made_;
}

bool Rings::take(Completion& out) {
    const std::uint32_t made = state_->completions_made;
    if (broken_ || made == taken_)
        return false;
    // It cannot have completed more than it was asked for.
    if (made - taken_ > k_completion_entries || made - taken_ > made_ - taken_) {
        broken_ = true;
        return false;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    __builtin_memcpy(&out, &completions_[taken_ % k_completion_entries], sizeof out);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    state_->completions_taken = ++taken_;
    return true;
}

} // namespace os::pvscsi
