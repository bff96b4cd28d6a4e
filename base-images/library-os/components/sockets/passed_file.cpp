#include <sockets/passed_file.hpp>

#include <vfs/file_table.hpp>

#include "unix_socket.hpp"

namespace os::sockets {

namespace {
constinit std::size_t g_count = 0;
}

PassedFile::PassedFile(Ref<vfs::File> file) : file_(std::move(file)) {
    file_->add_descriptor();
    ++g_count;
}

PassedFile::~PassedFile() {
    if (!file_)
        return; // moved from
    --g_count;
    file_->drop_descriptor();
}

std::size_t PassedFile::count() {
    return g_count;
}

bool PassedFile::room_for(std::size_t more) {
    if (g_count + more > vfs::descriptor_limit())
        UnixSocket::collect_cycles();
    return g_count + more <= vfs::descriptor_limit();
}

// Sockets whose only descriptors lie in queues of such sockets would stay for ever. Everything that
// can be reached from the process's descriptors is marked; the queues of the other sockets are
// emptied, which lets go of them. Marking goes round until nothing new is found, for want of memory
// that could run out.
namespace {
UnixSocket* unix_socket_of(vfs::File& file) {
    if (!file.is_socket() || static_cast<Socket&>(file).family() != k_family_unix)
        return nullptr;
    return static_cast<UnixSocket*>(&file);
}
} // namespace

void UnixSocket::mark_contents(bool& found_new) {
    const auto mark = [&found_new](UnixSocket& socket) {
        found_new = found_new || socket.mark_ == Mark::none;
        if (socket.mark_ == Mark::none)
            socket.mark_ = Mark::found;
    };
    for (Ref<UnixSocket>& socket : waiting_)
        mark(*socket);
    queue_.for_each([&mark](Message& message) {
        for (const PassedFile& passed : message.files)
            if (UnixSocket* socket = unix_socket_of(*passed.file()))
                mark(*socket);
    });
    mark_ = Mark::done;
}

void UnixSocket::collect_cycles() {
    static constinit bool collecting = false;
    if (collecting || PassedFile::count() == 0)
        return;
    collecting = true;
    std::size_t queued = 0;
    all_sockets().for_each([&queued](UnixSocket& socket) {
        socket.mark_ = Mark::none;
        socket.queue_.for_each([&queued](Message& message) { queued += message.files.size(); });
    });
    if (queued != PassedFile::count()) { // a call has some in its hands: the next time
        collecting = false;
        return;
    }
    vfs::for_each_descriptor(
        [](int, vfs::File& file, void*) {
            if (UnixSocket* socket = unix_socket_of(file))
                socket->mark_ = Mark::found;
        },
        nullptr);
    for (bool found_new = true; found_new;) {
        found_new = false;
        all_sockets().for_each([&found_new](UnixSocket& socket) {
            if (socket.mark_ == Mark::found)
                socket.mark_contents(found_new);
        });
    }
    List<Message> dropped;
    all_sockets().for_each([&dropped](UnixSocket& socket) {
        if (socket.mark_ == Mark::none)
            while (Message* message = socket.queue_.pop_front()) {
                socket.queued_ -= message->bytes.size() + k_message_overhead;
                dropped.push_back(*message);
            }
    });
    while (!dropped.empty())
        const Own<Message> message(dropped.pop_front());
    collecting = false;
}

} // namespace os::sockets
