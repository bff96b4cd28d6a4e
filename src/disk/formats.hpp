// The containers that a disk's content can be written into. A new one is a row in formats.cpp.
#pragma once

#include <span>
#include <string_view>

#include <disk/layout.hpp>
#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::disk {

struct Format {
    std::string_view name;
    Result<void> (*write)(const Layout& layout, AtomicFile& file);
};

std::span<const Format> formats();

Result<void> write_raw(const Layout& layout, AtomicFile& file);
Result<void> write_qcow2(const Layout& layout, AtomicFile& file);

} // namespace unik::disk
