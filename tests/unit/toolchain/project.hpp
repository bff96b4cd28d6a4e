// A project in a temporary folder, with a cache of its own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <manifests/catalogue.hpp>
#include <support/file.hpp>
#include <toolchain/toolchain.hpp>
#include <unikfile/unikfile.hpp>

namespace project_test {

namespace fs = std::filesystem;

class Project {
public:
    Project() : folder_(std::move(unik::TemporaryDirectory::create("unik-test-")).value()) {
        ::setenv("XDG_CACHE_HOME", cache().c_str(), 1);
        fs::create_directory(path());
    }

    fs::path path() const { return folder_.path() / "project"; }
    fs::path cache() const { return folder_.path() / "cache"; }
    fs::path outside() const { return folder_.path(); }

    void write(const std::string& name, std::string_view text, unsigned mode = 0644) const {
        fs::create_directories((path() / name).parent_path());
        REQUIRE(unik::write_file(path() / name, text, mode).ok());
    }

    void link(const std::string& target, const std::string& name) const {
        fs::create_directories((path() / name).parent_path());
        fs::create_symlink(target, path() / name);
    }

    unik::unikfile::Manifest manifest(const std::string& unikfile) const {
        auto parsed = unik::unikfile::parse("Unikfile", unikfile, path());
        REQUIRE(parsed.ok());
        return std::move(parsed).value();
    }

    unik::Result<unik::toolchain::Application> build(const std::string& unikfile) const {
        const auto catalogue = unik::manifests::Catalogue::load({});
        REQUIRE(catalogue.ok());
        return unik::toolchain::build(*catalogue, manifest(unikfile), {});
    }

private:
    unik::TemporaryDirectory folder_;
};

} // namespace project_test
