// A file on its way through a Unix socket (SCM_RIGHTS). It counts as open as long as it is, so that
// what happens when the last descriptor is closed does not happen meanwhile.
#pragma once

#include <foundation/own.hpp>
#include <vfs/file.hpp>

namespace os::sockets {

class PassedFile {
public:
    explicit PassedFile(Ref<vfs::File> file);
    PassedFile(PassedFile&& other) noexcept = default;
    PassedFile& operator=(PassedFile&&) = delete;
    ~PassedFile();
    const Ref<vfs::File>& file() const { return file_; }

    static std::size_t count(); // of all there are
    // As many may be under way as may be open (RLIMIT_NOFILE).
    static bool room_for(std::size_t more);

private:
    Ref<vfs::File> file_;
};

} // namespace os::sockets
