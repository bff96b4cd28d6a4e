// The devices are few and simple: a table of names, and a class for those that can be read from and
// written to without end. Numbers as in Linux's devices.txt.
#include <devfs/devfs.hpp>

#include <random/random.hpp>
#include <vfs/console_file.hpp>
#include <vfs/mount.hpp>
#include <vfs/static_tree.hpp>

namespace os::devfs {

namespace {

using vfs::device_node;
using vfs::device_number;

struct Behaviour {
    Result<std::size_t> (*read)(MutableBytes);
    Result<std::size_t> (*write)(Bytes);
};

Result<std::size_t> read_nothing(MutableBytes) {
    return std::size_t{0};
}
Result<std::size_t> read_zeroes(MutableBytes buffer) {
    __builtin_memset(buffer.data(), 0, buffer.size());
    return buffer.size();
}
Result<std::size_t> read_random(MutableBytes buffer) {
    random::fill(buffer);
    return buffer.size();
}
Result<std::size_t> write_away(Bytes buffer) {
    return buffer.size();
}
Result<std::size_t> write_full(Bytes) {
    return Errno::enospc;
}
Result<std::size_t> write_entropy(Bytes buffer) {
    random::add_entropy(buffer);
    return buffer.size();
}

class EndlessFile final : public vfs::File {
public:
    EndlessFile(Ref<vfs::Inode> inode, std::uint32_t flags, const Behaviour& behaviour)
        : File(flags), inode_(std::move(inode)), behaviour_(behaviour) {}

    Result<std::size_t> read(MutableBytes buffer) override { return behaviour_.read(buffer); }
    Result<std::size_t> write(Bytes buffer) override { return behaviour_.write(buffer); }
    Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t) override {
        return behaviour_.read(buffer);
    }
    Result<std::size_t> write_at(Bytes buffer, std::uint64_t) override {
        return behaviour_.write(buffer);
    }
    Result<std::uint64_t> seek(std::int64_t, int) override { return std::uint64_t{0}; }
    Result<void> status(vfs::Stat& out) override { return inode_->status(out); }
    vfs::Inode* inode() override { return inode_.get(); }

private:
    Ref<vfs::Inode> inode_;
    const Behaviour& behaviour_;
};

constexpr Behaviour k_null{read_nothing, write_away};
constexpr Behaviour k_zero{read_zeroes, write_away};
constexpr Behaviour k_full{read_zeroes, write_full};
constexpr Behaviour k_random{read_random, write_entropy};

template <const Behaviour& behaviour>
Result<Ref<vfs::File>> open_endless(std::uint32_t flags, vfs::Inode& inode) {
    return Ref<vfs::File>(
        UNIK_TRY(try_make_ref<EndlessFile>(Ref<vfs::Inode>::share(&inode), flags, behaviour)));
}

Result<Ref<vfs::File>> open_console(std::uint32_t flags, vfs::Inode&) {
    return vfs::open_console(console::Stream::output, flags);
}

// There is no controlling terminal.
Result<Ref<vfs::File>> open_terminal(std::uint32_t, vfs::Inode&) {
    return Errno::enxio;
}

constexpr vfs::StaticNode k_devices[] = {
    device_node("null", 0666, device_number(1, 3), open_endless<k_null>),
    device_node("zero", 0666, device_number(1, 5), open_endless<k_zero>),
    device_node("full", 0666, device_number(1, 7), open_endless<k_full>),
    device_node("random", 0666, device_number(1, 8), open_endless<k_random>),
    device_node("urandom", 0666, device_number(1, 9), open_endless<k_random>),
    device_node("tty", 0666, device_number(5, 0), open_terminal),
    device_node("console", 0600, device_number(5, 1), open_console),
    vfs::constant_link_node("fd", "/proc/self/fd"),
    vfs::constant_link_node("stdin", "/proc/self/fd/0"),
    vfs::constant_link_node("stdout", "/proc/self/fd/1"),
    vfs::constant_link_node("stderr", "/proc/self/fd/2"),
    vfs::empty_directory_node("shm", 01777),
};

constinit vfs::Filesystem g_filesystem("devtmpfs");
constinit List<vfs::AddedNode> g_added;

} // namespace

Result<void> mount(const char* mount_point) {
    return vfs::mount(mount_point,
                      UNIK_TRY(vfs::make_static_root(g_filesystem, k_devices, &g_added)));
}

void add(vfs::AddedNode& node) {
    g_added.push_back(node);
}

} // namespace os::devfs
