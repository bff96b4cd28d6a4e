#include <configuration/configuration.hpp>

#include <initializer_list>

#include <arch/boot_info.hpp>
#include <fw-cfg/fw_cfg.hpp>
#include <vocabulary/boot_configuration.hpp>
#include <vocabulary/image_layout.hpp>

#include "records.hpp"

extern "C" {
extern const vocabulary::ImageHeader unik_image;
}

namespace os::configuration {
namespace {

constexpr std::uint32_t k_largest_override = 1U << 20;

constinit Bytes g_built_in;
constinit Bytes g_override;
constinit Span<const char*> g_arguments;
constinit Span<const char*> g_variables;

const char* text_at(std::uint64_t address) {
    return address == 0 ? "" : reinterpret_cast<const char*>(address);
}

Result<void> read_command_line() {
    const StringView line(arch::boot_info().command_line);
    const std::size_t size = records_size(line);
    if (size == 0)
        return {};
    auto* memory = static_cast<std::uint8_t*>(arch::take_boot_memory(size));
    if (memory == nullptr)
        return Errno::enomem;
    g_override = write_records(line, MutableBytes(memory, size));
    return {};
}

Result<void> read_override() {
    const Result<fw_cfg::File> file = fw_cfg::find(vocabulary::k_configuration_file);
    if (!file.ok() || file->size == 0)
        return read_command_line();
    if (file->size > k_largest_override)
        return Errno::e2big;
    auto* memory = static_cast<std::uint8_t*>(arch::take_boot_memory(file->size));
    if (memory == nullptr)
        return Errno::enomem;
    g_override = Bytes(memory, fw_cfg::read(file.value(), MutableBytes(memory, file->size)));
    return {};
}

} // namespace

Result<void> start() {
    g_built_in = Bytes(reinterpret_cast<const std::uint8_t*>(unik_image.configuration),
                       unik_image.configuration_size);
    UNIK_TRY(read_override());
    const Counts most = count(g_built_in, g_override);
    const std::size_t pointers = most.arguments + most.variables;
    if (pointers == 0)
        return {};
    auto* memory = static_cast<const char**>(arch::take_boot_memory(pointers * sizeof(char*)));
    if (memory == nullptr)
        return Errno::enomem;
    const Span<const char*> arguments(memory, most.arguments);
    const Span<const char*> variables(memory + most.arguments, most.variables);
    const Counts used = merge(g_built_in, g_override, arguments, variables);
    g_arguments = arguments.part(0, used.arguments);
    g_variables = variables.part(0, used.variables);
    return {};
}

StringView setting(StringView key) {
    return find_setting(g_built_in, g_override, key);
}

StringView setting(StringView key, std::size_t index) {
    for (const Bytes list : {g_built_in, g_override}) {
        RecordReader reader(list);
        StringView record;
        while (reader.next(record)) {
            const StringView value = value_of(record, key);
            if (value.data() != nullptr && index-- == 0)
                return value;
        }
    }
    return {};
}

std::size_t argument_count() {
    return g_arguments.size();
}

const char* argument(std::size_t index) {
    return g_arguments[index];
}

std::size_t variable_count() {
    return g_variables.size();
}

const char* variable(std::size_t index) {
    return g_variables[index];
}

const char* image_name() {
    return text_at(unik_image.name);
}

const char* image_version() {
    return text_at(unik_image.version);
}

} // namespace os::configuration
