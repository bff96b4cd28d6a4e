#include <disk/containers/ova.hpp>

#include <fmt/format.h>

#include <disk/containers/blocks.hpp>
#include <disk/containers/containers.hpp>
#include <disk/containers/tar.hpp>
#include <disk/containers/vmdk_stream_writer.hpp>
#include <support/sha256.hpp>

namespace unik::disk {
namespace {

// Members are named after the machine, as far as every system takes it as a file name.
std::string member_name(const std::string& name) {
    constexpr std::size_t k_most = 64;
    std::string out;
    for (const char c : name.substr(0, k_most)) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
        out += plain ? c : '-';
    }
    return out.empty() || out[0] == '.' ? "unik" : out;
}

std::string manifest(const std::string& name, const Digest& description,
                     const std::string& disk_name, const Digest& disk) {
    return fmt::format("SHA256({}.ovf)= {}\nSHA256({})= {}\n", name, to_hex(description), disk_name,
                       to_hex(disk));
}

ByteSpan bytes_of_text(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Header and content; what fills up the last block stays a hole. Returns where the next one begins.
Result<std::uint64_t> write_member(AtomicFile& file, std::uint64_t offset, const std::string& name,
                                   const std::string& text) {
    UNIK_TRY(file.write_at(offset, tar_header(name, text.size())));
    UNIK_TRY(file.write_at(offset + k_tar_block, bytes_of_text(text)));
    return offset + k_tar_block + round_up(text.size(), k_tar_block);
}

} // namespace

Result<void> write_ova(Content& content, const WriteOptions& options, AtomicFile& file) {
    const std::string name = member_name(options.appliance.name);
    const std::uint64_t capacity = round_up(content.size().value, k_sector);
    OvfDisk disk{name + "-disk1.vmdk", 0, capacity};
    const auto room = [](const std::string& text) {
        return k_tar_block + round_up(text.size(), k_tar_block);
    };
    const std::uint64_t disk_header = room(UNIK_TRY(ovf_description(options.appliance, disk))) +
                                      room(manifest(name, {}, disk.file_name, {}));

    WriteOptions inner = options;
    inner.file_name = disk.file_name;
    Sha256 hash;
    std::uint64_t end = disk_header + k_tar_block;
    UNIK_TRY(stream_vmdk(content, inner, [&](ByteSpan bytes) {
        hash.update(bytes);
        end += bytes.size();
        return file.write_at(end - bytes.size(), bytes);
    }));
    disk.file_size = end - disk_header - k_tar_block;
    const std::string description = UNIK_TRY(ovf_description(options.appliance, disk));
    const std::string digests =
        manifest(name, sha256(bytes_of_text(description)), disk.file_name, hash.finish());
    const std::uint64_t second = UNIK_TRY(write_member(file, 0, name + ".ovf", description));
    UNIK_TRY(write_member(file, second, name + ".mf", digests));
    UNIK_TRY(file.write_at(disk_header, tar_header(disk.file_name, disk.file_size)));
    // An archive ends with two blocks of zeros.
    return file.resize(Bytes{round_up(end, k_tar_block) + 2 * k_tar_block});
}

} // namespace unik::disk
