// The start step of this component, and the files that C libraries read to resolve names, made from
// the network's configuration. Files that the image brings along stay as they are; otherwise the
// root has links to where they can be written.
#include <configuration/configuration.hpp>
#include <foundation/format.hpp>
#include <linux-signals/program_end.hpp>
#include <lwip/stack.hpp>
#include <sockets/end.hpp>
#include <vfs/path.hpp>

namespace os::linux_sockets {

Result<void> start();

namespace {
class Text {
public:
    void add(StringView part) {
        const std::size_t room = sizeof buffer_ - size_;
        const std::size_t count = part.size() < room ? part.size() : room;
        __builtin_memcpy(buffer_ + size_, part.data(), count);
        size_ += count;
    }
    StringView view() const { return {buffer_, size_}; }

private:
    char buffer_[1024];
    std::size_t size_ = 0;
};

StringView host_name() {
    const StringView name = configuration::setting("hostname");
    return name.empty() ? StringView("localhost") : name;
}

Text resolver_text() {
    Text text;
    for (unsigned i = 0; i < lwip::k_most_name_servers; ++i) {
        const StringView server = lwip::name_server(i);
        if (server.empty())
            continue;
        text.add("nameserver ");
        text.add(server);
        text.add("\n");
    }
    return text;
}

Text hosts_text() {
    Text text;
    text.add("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    if (!(host_name() == "localhost")) {
        text.add("127.0.1.1\t");
        text.add(host_name());
        text.add("\n");
    }
    return text;
}

Result<void> write_if_missing(StringView path, StringView text) {
    if (vfs::resolve(vfs::k_at_working_directory, path).ok())
        return {};
    const Result<void> written = vfs::write_file(path, text, 0644);
    if (!written.ok() && written.error() == Errno::erofs)
        return {}; // the image has an /etc of its own kind, without the file
    return written;
}
} // namespace

Result<void> start() {
    linux_signals::set_farewell(&sockets::end_connections);
    UNIK_TRY(write_if_missing("/etc/hosts", hosts_text().view()));
    UNIK_TRY(write_if_missing("/etc/resolv.conf", resolver_text().view()));
    char line[80];
    const StringView name = host_name();
    const std::size_t size =
        format(line, sizeof line, "%.*s\n", static_cast<int>(name.size()), name.data());
    return write_if_missing("/etc/hostname", {line, size});
}

} // namespace os::linux_sockets
