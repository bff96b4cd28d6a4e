// A fixed number of threads that take jobs from one queue.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

class WorkerPool {
public:
    using Job = std::function<void()>;

    explicit WorkerPool(unsigned count);
    ~WorkerPool(); // finishes what is queued

    void submit(Job job);

private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::queue<Job> jobs_;
    bool closed_ = false;
    std::vector<std::thread> threads_;
};
