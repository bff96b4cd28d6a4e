// Reading directories.
#include <linux-files/paths.hpp>

namespace os::linux {

namespace {

Result<MutableBytes> buffer_argument(const SyscallArguments& arguments) {
    const std::size_t size = arguments.as<std::uint32_t>(2);
    return memory::AppSpan<std::uint8_t>::writable(arguments.value[1],
                                                   size < k_most_bytes ? size : k_most_bytes);
}

Result<std::size_t> read_records(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    return file->read_directory(UNIK_TRY(buffer_argument(arguments)));
}

// struct linux_dirent64: inode 0, cursor 8, length 16, type 18, name 19. The old struct
// linux_dirent has the name at 18 and the type in the record's last byte; records keep their size.
constexpr std::size_t k_length_at = 16;
constexpr std::size_t k_type_at = 18;
constexpr std::size_t k_name_at = 19;

void convert_to_old(MutableBytes records) {
    for (std::size_t start = 0; start + k_name_at < records.size();) {
        std::uint8_t* record = records.data() + start;
        std::uint16_t size = 0;
        __builtin_memcpy(&size, record + k_length_at, sizeof size);
        const std::uint8_t type = record[k_type_at];
        __builtin_memmove(record + k_type_at, record + k_name_at, size - k_name_at);
        record[size - 1] = type;
        start += size;
    }
}

Result<std::size_t> read_old_records(const SyscallArguments& arguments) {
    const MutableBytes buffer = UNIK_TRY(buffer_argument(arguments));
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    // Put together where no other thread of the program reaches.
    Vector<std::uint8_t> records;
    constexpr std::size_t k_most = 32768;
    UNIK_TRY(records.resize(buffer.size() < k_most ? buffer.size() : k_most));
    const std::size_t got = UNIK_TRY(file->read_directory({records.data(), records.size()}));
    convert_to_old({records.data(), got});
    __builtin_memcpy(buffer.data(), records.data(), got);
    return got;
}

} // namespace

std::int64_t getdents64(SyscallArguments& arguments) {
    return reply(read_records(arguments));
}

std::int64_t getdents(SyscallArguments& arguments) {
    return reply(read_old_records(arguments));
}

} // namespace os::linux
