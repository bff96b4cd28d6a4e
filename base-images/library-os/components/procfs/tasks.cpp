// /proc/self/task: a directory for each thread of the program.
#include <foundation/format.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

using ThreadText = void (*)(TextWriter&, threads::Thread&);

constexpr struct {
    const char* name;
    ThreadText text;
} k_files[] = {
    {"comm", write_thread_name},
    {"stat", [](TextWriter& out,
                threads::Thread& thread) { write_thread_line(out, thread, thread.cpu_time()); }},
    {"status", write_thread_status},
};
constexpr std::size_t k_file_count = sizeof k_files / sizeof k_files[0];

class ThreadFile final : public vfs::Inode {
public:
    ThreadFile(vfs::Filesystem& filesystem, std::uint64_t number, Ref<vfs::Inode> parent,
               int thread, std::size_t index)
        : Inode(filesystem, number, vfs::k_mode_regular | 0444), parent_(std::move(parent)),
          thread_(thread), index_(index) {}
    Result<Ref<vfs::File>> open(std::uint32_t flags) override {
        const Ref<threads::Thread> thread = threads::find(thread_);
        if (!thread)
            return Errno::esrch;
        TextWriter out;
        k_files[index_].text(out, *thread);
        return vfs::open_text(Ref<vfs::Inode>::share(this), flags, UNIK_TRY(out.finish()), nullptr);
    }
    vfs::Inode* parent() override { return parent_.get(); }
    StringView name() override { return k_files[index_].name; }

private:
    Ref<vfs::Inode> parent_;
    int thread_;
    std::size_t index_;
};

class ThreadDirectory final : public vfs::Inode {
public:
    ThreadDirectory(vfs::Filesystem& filesystem, std::uint64_t number, vfs::Inode& parent,
                    int thread)
        : Inode(filesystem, number, vfs::k_mode_directory | 0555), parent_(parent),
          thread_(thread) {
        format(name_, sizeof name_, "%d", thread);
    }
    Result<Ref<vfs::Inode>> lookup(StringView name) override {
        for (std::size_t i = 0; i < k_file_count; ++i)
            if (name == k_files[i].name)
                return Ref<vfs::Inode>(UNIK_TRY(try_make_ref<ThreadFile>(
                    filesystem(), number() + 1 + i, Ref<vfs::Inode>::share(this), thread_, i)));
        return Errno::enoent;
    }
    Result<void> read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) override {
        for (std::size_t i = static_cast<std::size_t>(cursor - k_first_entry); i < k_file_count;
             ++i)
            if (!writer.add(k_files[i].name, number() + 1 + i, vfs::k_mode_regular,
                            i + k_first_entry + 1))
                break;
        return {};
    }
    vfs::Inode* parent() override { return &parent_; }
    StringView name() override { return name_; }

private:
    vfs::Inode& parent_; // the directory of tasks lives for ever
    int thread_;
    char name_[12];
};

class TaskDirectory final : public vfs::Inode {
public:
    TaskDirectory(vfs::Filesystem& filesystem, std::uint64_t number, vfs::Inode& parent)
        : Inode(filesystem, number, vfs::k_mode_directory | 0555), parent_(parent) {}
    Result<Ref<vfs::Inode>> lookup(StringView name) override;
    Result<void> read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) override;
    vfs::Inode* parent() override { return &parent_; }
    StringView name() override { return "task"; }
    std::uint64_t number_of(int thread) const {
        return (number() << 24) + static_cast<std::uint64_t>(thread) * 8;
    }

private:
    vfs::Inode& parent_;
};

struct Search {
    StringView name;
    int found = 0;
};

Result<Ref<vfs::Inode>> TaskDirectory::lookup(StringView name) {
    Search search{name};
    threads::for_each(
        [](threads::Thread& thread, void* argument) {
            Search& wanted = *static_cast<Search*>(argument);
            char text[12];
            format(text, sizeof text, "%d", thread.id());
            if (is_program_thread(thread) && wanted.name == text)
                wanted.found = thread.id();
        },
        &search);
    if (search.found == 0)
        return Errno::enoent;
    return Ref<vfs::Inode>(UNIK_TRY(
        try_make_ref<ThreadDirectory>(filesystem(), number_of(search.found), *this, search.found)));
}

struct Listing {
    vfs::DirectoryWriter& writer;
    const TaskDirectory& directory;
    std::uint64_t cursor;
    std::uint64_t at = vfs::Inode::k_first_entry;
};

Result<void> TaskDirectory::read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) {
    Listing listing{writer, *this, cursor};
    threads::for_each(
        [](threads::Thread& thread, void* argument) {
            Listing& list = *static_cast<Listing*>(argument);
            if (!is_program_thread(thread) || list.at++ < list.cursor)
                return;
            char text[12];
            format(text, sizeof text, "%d", thread.id());
            (void)list.writer.add(text, list.directory.number_of(thread.id()),
                                  vfs::k_mode_directory, list.at);
        },
        &listing);
    return {};
}

} // namespace

Result<Ref<vfs::Inode>> make_task_directory(vfs::Filesystem& filesystem, std::uint64_t number,
                                            vfs::Inode& parent) {
    return Ref<vfs::Inode>(UNIK_TRY(try_make_ref<TaskDirectory>(filesystem, number, parent)));
}

} // namespace os::procfs
