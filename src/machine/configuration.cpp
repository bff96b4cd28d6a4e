#include <machine/configuration.hpp>

#include <fmt/format.h>

#include <machine/firmware_words.hpp>

namespace unik::machine {
namespace {

Result<void> add(std::string& records, const std::string& record) {
    if (record.find('\0') != std::string::npos)
        return make_error("invalid-argument",
                          "an argument or variable for the guest holds a zero byte");
    records += record;
    records += '\0';
    return {};
}

} // namespace

Result<std::string> configuration_records(const RunOptions& options) {
    std::string records;
    UNIK_TRY(add(records, "console=split"));
    if (options.setup.firmware != nullptr && options.setup.firmware->talks)
        UNIK_TRY(add(records, fmt::format("mark={}", k_guest_mark)));
    if (options.arguments) {
        for (const std::string& argument : *options.arguments)
            UNIK_TRY(add(records, "arg=" + argument));
    }
    for (const auto& [name, value] : options.environment)
        UNIK_TRY(add(records, fmt::format("env={}={}", name, value)));
    return records;
}

} // namespace unik::machine
