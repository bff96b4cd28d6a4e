// The image in memory, every region on pages of its own, because each gets its own protection:
//
//     code               RX   unik_text_start …
//     constants          R    unik_rodata_start …: .rodata, tables, strings, configuration, files
//     application, R RX  R    unik_application_start …: mapped again at the program's addresses
//     variables          RW   unik_data_start …
//     application, RW    RW   unik_application_data_start …
//     zeros              RW   unik_bss_start …
//
// What components put into .boot.head.NAME comes first of all, sorted by name: loaders for Linux
// enter there, and those of Multiboot2 search the beginning of the file.
//
// An application segment starts at the same offset in a page as at its own address, and the rest of
// its last page belongs to it. Sections of the components are placed one component after the other,
// with marks between them that tell their sizes.
#include <link/linker_script.hpp>

#include <elf/layout.hpp>
#include <fmt/format.h>
#include <link/image_tables.hpp>
#include <vocabulary/kernel_file_layout.hpp>

namespace unik::link {
namespace {

constexpr std::uint64_t k_page = 4096;
constexpr std::uint64_t k_image_end = k_kernel_base + (1ULL << 30);
constexpr std::uint64_t k_most_head = 0x400;

struct Part {
    const char* name;
    const char* inputs; // of the components
};
constexpr Part k_text{"text", ".text .text.*"};
constexpr Part k_rodata{"rodata", ".rodata .rodata.*"};
constexpr Part k_data{"data", ".data .data.* .got .got.plt"};
constexpr Part k_bss{"bss", ".bss .bss.* COMMON"};

class ScriptWriter {
public:
    ScriptWriter(const LinkInput& input, StringPool& strings, std::size_t configuration_size)
        : input_(input), tables_(write_tables(input, strings, configuration_size)),
          segments_(loaded_segments(*input.executable)) {}

    std::string write() {
        write_preamble();
        write_program_headers();
        line("SECTIONS {");
        line(fmt::format(". = {:#x};", k_kernel_base + vocabulary::k_load_address));
        line("unik_kernel_start = .;");
        write_text();
        write_rodata();
        write_application("unik_application", 0);
        write_part_section(".data", k_data, "data");
        write_application("unik_application_data", elf::k_flag_write);
        line("HIDDEN(unik_zeros_start = unik_application_data_file_end);");
        write_part_section(".bss", k_bss, "bss");
        line("unik_kernel_end = .;");
        write_rest();
        line("}");
        write_assertions();
        return std::move(script_);
    }

private:
    void line(const std::string& text) { script_ += text + "\n"; }
    void align() { line(fmt::format(". = ALIGN({:#x});", k_page)); }

    void write_preamble() {
        line("OUTPUT_FORMAT(elf64-x86-64)");
        line("OUTPUT_ARCH(i386:x86-64)");
        line("ENTRY(unik_entry_physical)");
        for (const std::string& symbol : tables_.symbols)
            line(fmt::format("EXTERN({})", symbol));
    }

    bool in_region(const elf::Segment& segment, std::uint32_t writable) const {
        return (segment.flags & elf::k_flag_write) == writable;
    }

    void write_program_headers() {
        line("PHDRS {");
        line("    text PT_LOAD FLAGS(5);");
        line("    rodata PT_LOAD FLAGS(4);");
        line("    note PT_NOTE FLAGS(4);");
        for (const std::uint32_t writable : {0U, elf::k_flag_write}) {
            if (writable != 0)
                line("    data PT_LOAD FLAGS(6);");
            for (std::size_t i = 0; i < segments_.size(); ++i)
                if (in_region(segments_[i], writable))
                    line(fmt::format("    app{} PT_LOAD FLAGS({});", i, 4 | writable));
        }
        line("    bss PT_LOAD FLAGS(6);");
        line("}");
    }

    static std::string at(const std::string& section) {
        return fmt::format("AT(ADDR({}) - {:#x})", section, k_kernel_base);
    }

    // The inputs of each component between its marks, then those of anybody else.
    void write_inputs(const Part& part) {
        std::size_t index = 0;
        for (const components::Selected& selected : input_.selection->components) {
            line(fmt::format("    HIDDEN({} = .);", part_mark(part.name, index++)));
            line(fmt::format("    {}.o({})", selected.component->name, part.inputs));
        }
        line(fmt::format("    HIDDEN({} = .);", part_mark(part.name, index)));
        line(fmt::format("    *({})", part.inputs));
    }

    void write_part_section(const char* section, const Part& part, const char* header) {
        align();
        line(fmt::format("{} : {} {{", section, at(section)));
        line(fmt::format("    unik_{}_start = .;", part.name));
        write_inputs(part);
        line(fmt::format("}} :{}", header));
        line(fmt::format("unik_{}_end = .;", part.name));
    }

    // A front door's entry is kept by the note that tells of it, or by its place in .boot.head.
    void write_text() {
        line(fmt::format(".text : {} {{", at(".text")));
        line("    unik_text_start = .;");
        line("    KEEP(*(SORT_BY_NAME(.boot.head.*)))");
        line("    HIDDEN(unik_boot_head_end = .);");
        write_inputs(k_text);
        line("} :text");
        line("unik_text_end = .;");
        // The ELF header's entry is that of loaders which know no notes: Linux's, else PVH's.
        line(fmt::format("unik_entry_physical = DEFINED(unik_linux_entry64) ? unik_linux_entry64 - "
                         "{0:#x} : DEFINED(unik_entry32) ? unik_entry32 - {0:#x} : 0;",
                         k_kernel_base));
    }

    void write_rodata() {
        align();
        line("unik_rodata_start = .;");
        line(fmt::format(".note : {} {{ KEEP(*(.note.Xen .note.unik)) }} :rodata :note",
                         at(".note")));
        line(fmt::format(".rodata : {} {{", at(".rodata")));
        write_inputs(k_rodata);
        line("    HIDDEN(unik_tables_start = .);");
        script_ += tables_.statements;
        line("    unik_syscall_names = .;");
        line(fmt::format("    KEEP({}({}))", k_data_object, k_syscall_names_section));
        line("    unik_strings = .;");
        line(fmt::format("    KEEP({}({}))", k_data_object, k_strings_section));
        line("    unik_configuration = .;");
        line(fmt::format("    KEEP({}({}))", k_data_object, k_configuration_section));
        line("    HIDDEN(unik_tables_end = .);");
        if (input_.rootfs->place == vocabulary::RootPlace::embedded) {
            line(fmt::format("    . = ALIGN({:#x});", k_page));
            line("    unik_root_image = .;");
            line(fmt::format("    KEEP({}({}))", k_data_object, k_root_section));
        }
        line("} :rodata");
        line("unik_rodata_end = .;");
    }

    void write_application(const std::string& region, std::uint32_t writable) {
        align();
        line(fmt::format("{}_start = .;", region));
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            if (!in_region(segments_[i], writable))
                continue;
            const std::string section = fmt::format("{}{}", k_segment_section, i);
            align();
            line(fmt::format(". = . + {:#x};", segments_[i].address % k_page));
            line(fmt::format("{} : {} {{ KEEP({}({})) }} :app{}", section, at(section),
                             k_data_object, section, i));
        }
        line(fmt::format("HIDDEN({}_file_end = .);", region));
        align();
        line(fmt::format("{}_end = .;", region));
    }

    void write_rest() {
        line(".init_array : { KEEP(*(.init_array .init_array.* .ctors .ctors.* .preinit_array)) }");
        // The kernel does not end, so what destroys its globals is never run.
        line("/DISCARD/ : { *(.fini_array .fini_array.* .dtors .dtors.*) }");
        line("/DISCARD/ : { *(.comment .eh_frame .note.GNU-stack .note.gnu.* .llvm_addrsig) }");
    }

    void write_assertions() {
        line("ASSERT(SIZEOF(.init_array) == 0, \"a component has a constructor of a global\")");
        line(fmt::format("ASSERT(unik_boot_head_end - unik_text_start <= {:#x}, \"the code at the "
                         "image's start is too long\")",
                         k_most_head));
        line(fmt::format("ASSERT(unik_kernel_end <= {:#x}, \"the image is larger than 1 GiB\")",
                         k_image_end));
    }

    const LinkInput& input_;
    const ImageTables tables_;
    const std::vector<elf::Segment> segments_;
    std::string script_;
};

} // namespace

std::string part_mark(const char* part, std::size_t index) {
    return fmt::format("unik_part_{}_{}", part, index);
}

std::string write_linker_script(const LinkInput& input, StringPool& strings,
                                std::size_t configuration_size) {
    return ScriptWriter(input, strings, configuration_size).write();
}

} // namespace unik::link
