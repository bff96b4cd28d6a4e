#include <disk/containers/ova.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <disk/containers/containers.hpp>
#include <disk/containers/tar.hpp>

namespace unik::disk {

Result<bool> is_ova(Content& file) {
    std::array<std::uint8_t, k_tar_block> block{};
    if (file.size().value < block.size())
        return false;
    UNIK_TRY(file.read(0, block));
    return is_tar_header(block);
}

Result<ContentPtr> open_ova(ContentPtr file) {
    const std::vector<TarMember> members = UNIK_TRY(tar_members(*file));
    const auto ends_with = [&](std::string_view ending) {
        return std::count_if(members.begin(), members.end(), [&](const TarMember& member) {
            return member.name.ends_with(ending);
        });
    };
    if (ends_with(".ovf") == 0)
        return broken_image(file->name(), "expected an archive with an OVF description, found one "
                                          "without a member *.ovf");
    if (ends_with(".vmdk") != 1)
        return unsupported_image(file->name(),
                                 fmt::format("expected one disk *.vmdk in the "
                                             "archive, found {}",
                                             ends_with(".vmdk")),
                                 "unpack it with 'tar -x' and convert each disk");
    const auto disk = std::find_if(members.begin(), members.end(), [](const TarMember& member) {
        return member.name.ends_with(".vmdk");
    });
    return open_vmdk(part_of(std::move(file), disk->content));
}

} // namespace unik::disk
