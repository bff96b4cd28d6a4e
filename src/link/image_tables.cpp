#include <link/image_tables.hpp>

#include <algorithm>
#include <bit>

#include <elf/layout.hpp>
#include <fmt/format.h>
#include <link/mangle.hpp>
#include <vocabulary/image_layout.hpp>
#include <vocabulary/root_layout.hpp>

namespace unik::link {
namespace {

vocabulary::ProgramKind kind_of(const elf::ElfFile& program) {
    if (program.has_interpreter())
        return vocabulary::ProgramKind::file;
    return program.type() == elf::FileType::shared ? vocabulary::ProgramKind::position_independent
                                                   : vocabulary::ProgramKind::fixed;
}

class TableWriter {
public:
    TableWriter(const LinkInput& input, StringPool& strings)
        : input_(input), strings_(strings), names_(syscall_names(*input.selection)) {}

    ImageTables write(std::size_t configuration_size) {
        // The tables first: the header counts their entries.
        write_start_steps();
        write_drivers();
        write_filesystems();
        write_syscalls();
        write_segments();
        write_root();
        const std::string body = std::move(tables_.statements);
        tables_.statements.clear();
        write_header(configuration_size);
        tables_.statements += body;
        return std::move(tables_);
    }

private:
    void line(const std::string& text) { tables_.statements += "    " + text + "\n"; }
    void begin(const char* symbol) {
        line(". = ALIGN(8);");
        line(fmt::format("{} = .;", symbol));
    }
    void quad(std::uint64_t value) { line(fmt::format("QUAD({:#x});", value)); }
    void long_word(std::uint64_t value) { line(fmt::format("LONG({:#x});", value)); }
    void quad_of(const std::string& symbol) { line(fmt::format("QUAD({});", symbol)); }
    void string(const std::string& text) {
        quad_of(fmt::format("unik_strings + {:#x}", strings_.offset_of(text)));
    }
    void function(const std::string& name, std::string_view parameters) {
        tables_.symbols.push_back(mangle(name, parameters));
        quad_of(tables_.symbols.back());
    }

    void write_header(std::size_t configuration_size) {
        const elf::ElfFile& program = *input_.executable;
        const std::uint64_t headers = program_header_address(program);
        begin("unik_image");
        quad(vocabulary::k_image_magic);
        long_word(loaded_segments(program).size());
        long_word(start_steps_);
        long_word(drivers_);
        long_word(filesystems_);
        long_word(static_cast<std::uint32_t>(kind_of(program)));
        long_word(headers == 0 ? 0 : program.segments().size());
        quad(program.has_interpreter() ? 0 : program.entry());
        quad(headers);
        quad_of("unik_configuration");
        quad(configuration_size);
        string(input_.manifest->name);
        string(input_.manifest->version);
        string(input_.manifest->entrypoint);
        long_word(syscalls_);
        long_word(names_.name_count);
        long_word(names_.provider_count);
        long_word(0);
    }

    void write_start_steps() {
        begin("unik_start_steps");
        for (const components::Selected& selected : input_.selection->components) {
            if (selected.component->start.empty())
                continue;
            string(selected.component->name);
            function(selected.component->start, k_no_parameters);
            ++start_steps_;
        }
    }

    void write_drivers() {
        begin("unik_drivers");
        for (const components::Selected& selected : input_.selection->components) {
            for (const auto& [match, attach] : selected.component->drivers) {
                string(match);
                function(attach, k_device_parameter);
                ++drivers_;
            }
        }
    }

    void write_filesystems() {
        begin("unik_filesystems");
        // By mount point, so that a mount comes after the one that it lies on.
        std::map<std::string, std::string> all;
        for (const components::Selected& selected : input_.selection->components)
            all.insert(selected.component->filesystems.begin(),
                       selected.component->filesystems.end());
        for (const auto& [mount_point, mount] : all) {
            string(mount_point);
            function(mount, k_text_parameter);
            ++filesystems_;
        }
    }

    // The function of a linked system call.
    const std::string* handler_of(const std::string& name) const {
        const auto linked = input_.selection->syscalls.find(name);
        if (linked == input_.selection->syscalls.end())
            return nullptr;
        for (const components::Selected& selected : input_.selection->components)
            if (selected.component->name == linked->second)
                return &selected.component->syscalls.at(name);
        return nullptr;
    }

    void write_syscalls() {
        for (const auto& [name, component] : input_.selection->syscalls)
            if (const int number = analysis::syscall_number(name); number >= 0)
                syscalls_ = std::max(syscalls_, static_cast<std::uint32_t>(number) + 1);
        syscalls_ = std::min(syscalls_, vocabulary::k_syscall_slots);
        begin("unik_syscalls");
        for (std::uint32_t number = 0; number < syscalls_; ++number) {
            const std::string* handler = handler_of(std::string(analysis::syscall_name(number)));
            if (handler == nullptr) {
                long_word(0);
                continue;
            }
            tables_.symbols.push_back(mangle(*handler, k_syscall_parameter));
            line(fmt::format("LONG({} & 0xffffffff);", tables_.symbols.back()));
        }
    }

    void write_segments() {
        begin("unik_segments");
        std::size_t index = 0;
        for (const elf::Segment& segment : loaded_segments(*input_.executable)) {
            quad(segment.address);
            quad(segment.memory_size);
            quad_of(fmt::format("ADDR({}{})", k_segment_section, index++));
            quad(segment.file_size);
            long_word(segment.flags & 7);
            long_word(segment.alignment == 0
                          ? 0
                          : static_cast<unsigned>(std::countr_zero(segment.alignment)));
        }
    }

    // The partition's GUID is the root digest's beginning (vocabulary/root_layout.hpp).
    void write_root() {
        const rootfs::RootFs& root = *input_.rootfs;
        const bool on_disk = root.place == vocabulary::RootPlace::disk;
        vocabulary::RootRecord record{};
        if (on_disk) {
            std::copy(root.hashes.root.begin(), root.hashes.root.end(), record.root_digest);
            std::copy_n(record.root_digest, sizeof record.partition, record.partition);
        }
        begin("unik_root");
        long_word(static_cast<std::uint32_t>(root.place));
        long_word(0);
        quad_of(root.place == vocabulary::RootPlace::embedded ? "unik_root_image" : "0");
        quad(root.bytes().size());
        for (const std::uint8_t byte : record.root_digest)
            line(fmt::format("BYTE({:#x});", byte));
        for (const std::uint8_t byte : record.partition)
            line(fmt::format("BYTE({:#x});", byte));
    }

    const LinkInput& input_;
    StringPool& strings_;
    const SyscallNames names_;
    ImageTables tables_;
    std::uint32_t start_steps_ = 0;
    std::uint32_t drivers_ = 0;
    std::uint32_t filesystems_ = 0;
    std::uint32_t syscalls_ = 0;
};

} // namespace

ImageTables write_tables(const LinkInput& input, StringPool& strings,
                         std::size_t configuration_size) {
    return TableWriter(input, strings).write(configuration_size);
}

} // namespace unik::link
