// Small stand-ins for components, compiled here, linked with a small program.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <map>
#include <optional>
#include <string>

#include <elf/layout.hpp>
#include <link/kernel.hpp>
#include <support/process.hpp>
#include <vocabulary/image_layout.hpp>
#include <vocabulary/root_layout.hpp>

using namespace unik;

class World {
public:
    explicit World(bool position_independent = false);
    Result<link::Kernel> link();
    const rootfs::RootFs& add_root(vocabulary::RootPlace place);
    // Compiles the source as a component of that name; it stays the World's.
    components::Component& component(const std::string& name, const char* source);
    const elf::ElfFile& program() const { return *program_; }

    components::Selection selection_;
    std::map<std::string, components::Component> components_;

private:
    TemporaryDirectory folder_;
    std::map<std::string, ByteVector> objects_;
    std::optional<elf::ElfFile> program_;
    rootfs::RootFs rootfs_;
    unikfile::Manifest manifest_;
};

// The image as the kernel finds it in memory.
class Image {
public:
    explicit Image(const link::Kernel& kernel) {
        auto stripped = elf::ElfFile::parse(kernel.stripped, "kernel.elf");
        REQUIRE(stripped.ok());
        stripped_ = std::move(stripped).value();
        auto debug = elf::ElfFile::parse(kernel.debug, "kernel.debug");
        REQUIRE(debug.ok());
        debug_ = std::move(debug).value();
    }

    std::uint64_t symbol(const std::string& name) const {
        for (const elf::Symbol& symbol : debug_->symbols())
            if (symbol.name == name)
                return symbol.address;
        return 0;
    }

    // Bytes behind a segment's file part are zero.
    ByteVector bytes(std::uint64_t linked_address, std::size_t size) const {
        const std::uint64_t address = linked_address - 0xffffffff80000000; // loaders know no other
        ByteVector out(size);
        for (const elf::Segment& segment : stripped_->segments()) {
            const ByteSpan content = stripped_->content(segment);
            for (std::size_t i = 0; i < size && segment.type == elf::k_segment_load; ++i)
                if (address + i >= segment.address &&
                    address + i - segment.address < content.size())
                    out[i] = content[address + i - segment.address];
        }
        return out;
    }

    template <typename T>
    T read(std::uint64_t address) const {
        T value;
        const ByteVector raw = bytes(address, sizeof(T));
        std::memcpy(&value, raw.data(), sizeof(T));
        return value;
    }

    std::string text(std::uint64_t address) const {
        std::string out;
        for (char c = read<char>(address); c != '\0'; c = read<char>(++address))
            out += c;
        return out;
    }

    const elf::ElfFile& stripped() const { return *stripped_; }
    const elf::ElfFile& debug() const { return *debug_; }

private:
    std::optional<elf::ElfFile> stripped_;
    std::optional<elf::ElfFile> debug_;
};

// Links, which must succeed.
link::Kernel linked(World& world);
