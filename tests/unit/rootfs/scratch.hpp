// A folder with a few files, and the application that takes them along.
#pragma once

#include <doctest/doctest.h>

#include <rootfs/rootfs.hpp>
#include <support/file.hpp>
#include <toolchain/application.hpp>

class Scratch {
public:
    Scratch() : folder_(std::move(unik::TemporaryDirectory::create("unik-rootfs-")).value()) {}

    const std::filesystem::path& path() const { return folder_.path(); }

    template <typename Content>
    std::filesystem::path write(const std::string& name, const Content& content) const {
        const std::filesystem::path path = folder_.path() / name;
        REQUIRE(unik::write_file(path, view(content)).ok());
        return path;
    }

    unik::toolchain::Application application() const {
        using Kind = unik::toolchain::CollectedFile::Kind;
        unik::toolchain::Application out;
        out.files = {
            {Kind::regular, "/srv/www/index.html", 0644, write("index.html", "<p>hello"), ""},
            {Kind::symbolic_link, "/srv/current", 0777, "", "www"},
            {Kind::directory, "/var/empty", 0700, "", ""},
            {Kind::regular, "/etc/empty", 0600, write("empty", ""), ""},
        };
        return out;
    }

    unik::rootfs::RootFs build() const {
        auto root = unik::rootfs::build(application(), folder_.path());
        INFO((root.ok() ? std::string() : unik::to_text(root.error())));
        REQUIRE(root.ok());
        return std::move(root).value();
    }

private:
    static std::string_view view(const char* text) { return text; }
    static std::string_view view(const std::string& text) { return text; }
    static unik::ByteSpan view(unik::ByteSpan bytes) { return bytes; }

    unik::TemporaryDirectory folder_;
};
