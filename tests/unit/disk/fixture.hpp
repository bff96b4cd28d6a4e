// What the disk tests share: a folder of their own, the boot record as built, host tools.
#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <disk/disk.hpp>
#include <disk/formats.hpp>
#include <support/file.hpp>
#include <support/process.hpp>

#include "../results.hpp"
#include "test_kernel.hpp"

namespace unik::disk::test {

inline ByteVector boot_record() {
    return must(
        read_file(UNIK_BINARY_DIR "/base-images/library-os/objects/boot-bios.bin", Bytes{1 << 20}));
}

inline ByteVector read_range(Content& content, const Range& range) {
    ByteVector out(range.length);
    must(content.read(range.offset, out));
    return out;
}

inline ByteVector read_all(Content& content) {
    return read_range(content, {0, content.size().value});
}

struct Fixture {
    TemporaryDirectory folder = must(TemporaryDirectory::create("unik-disk-test-"));
    ByteVector kernel = make_test_kernel();
    ByteVector record = boot_record();
    Bytes esp_size;

    std::filesystem::path path(std::string_view name) const { return folder.path() / name; }
    Result<Layout> lay_out() const { return disk::lay_out({kernel, record, "example", esp_size}); }
    Result<void> write(Content& content, std::string_view name, std::string_view format) const {
        WriteOptions options;
        options.file_name = name;
        AtomicFile file = UNIK_TRY(AtomicFile::create(path(name)));
        UNIK_TRY(UNIK_TRY(find_format(format))->write(content, options, file));
        return file.commit();
    }
    std::filesystem::path write_disk(std::string_view name, std::string_view format) const {
        Layout layout = must(lay_out());
        must(write(layout, name, format));
        return path(name);
    }
};

// A tool of the host, with a limit of time; its output and status.
inline Completed tool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"timeout", "60"});
    Command command;
    command.arguments = std::move(arguments);
    return must(run(command));
}

} // namespace unik::disk::test
