#include "records.hpp"

#include <initializer_list>

namespace os::configuration {
namespace {

constexpr StringView k_argument = "arg";
constexpr StringView k_fixed = "fixed";
constexpr StringView k_variable = "env";

StringView name_of(StringView variable) {
    return variable.part(0, variable.find('='));
}

StringView argument_of(StringView record) {
    const StringView fixed = value_of(record, k_fixed);
    return fixed.data() != nullptr ? fixed : value_of(record, k_argument);
}

// Replaces the variable of the same name or adds it; returns how many there are then.
std::size_t set_variable(Span<const char*> variables, std::size_t used, StringView variable) {
    for (std::size_t i = 0; i < used; ++i) {
        if (name_of(StringView(variables[i])) == name_of(variable)) {
            variables[i] = variable.data();
            return used;
        }
    }
    variables[used] = variable.data();
    return used + 1;
}

StringView last_value(Bytes list, StringView key, StringView otherwise) {
    RecordReader reader(list);
    StringView record;
    while (reader.next(record)) {
        const StringView value = value_of(record, key);
        if (value.data() != nullptr)
            otherwise = value;
    }
    return otherwise;
}

} // namespace

bool RecordReader::next(StringView& record) {
    const StringView rest(text_ + at_, size_ - at_);
    const std::size_t end = rest.find('\0');
    if (end == StringView::npos)
        return false;
    record = rest.part(0, end);
    at_ += end + 1;
    return true;
}

StringView value_of(StringView record, StringView key) {
    if (!record.starts_with(key) || record.size() == key.size() || record[key.size()] != '=')
        return {};
    return record.part(key.size() + 1);
}

Counts count(Bytes built_in, Bytes override) {
    Counts counts;
    for (const Bytes list : {built_in, override}) {
        RecordReader reader(list);
        StringView record;
        while (reader.next(record)) {
            counts.arguments += argument_of(record).data() != nullptr ? 1 : 0;
            counts.variables += value_of(record, k_variable).data() != nullptr ? 1 : 0;
        }
    }
    return counts;
}

Counts merge(Bytes built_in, Bytes override, Span<const char*> arguments,
             Span<const char*> variables) {
    Counts used;
    std::size_t kept = 1; // argv[0], and what is fixed behind it
    bool overridden = false;
    for (const bool is_override : {false, true}) {
        RecordReader reader(is_override ? override : built_in);
        StringView record;
        while (reader.next(record)) {
            const StringView variable = value_of(record, k_variable);
            if (variable.data() != nullptr)
                used.variables = set_variable(variables, used.variables, variable);
            const StringView argument = argument_of(record);
            if (argument.data() == nullptr)
                continue;
            const bool fixed = value_of(record, k_fixed).data() != nullptr;
            if (fixed && is_override)
                continue;
            kept += fixed ? 1 : 0;
            if (is_override && !overridden && used.arguments > kept)
                used.arguments = kept;
            overridden = overridden || is_override;
            arguments[used.arguments++] = argument.data();
        }
    }
    return used;
}

StringView find_setting(Bytes built_in, Bytes override, StringView key) {
    return last_value(override, key, last_value(built_in, key, {}));
}

} // namespace os::configuration
