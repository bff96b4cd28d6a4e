// Merging the built-in records with those of an override (vocabulary/boot_configuration.hpp).
#pragma once

#include <foundation/span.hpp>

namespace os::configuration {

// The records of a list, one after another; what lacks its closing NUL is not a record.
class RecordReader {
public:
    explicit RecordReader(Bytes list)
        : text_(reinterpret_cast<const char*>(list.data())), size_(list.size()) {}
    // False at the end. The record stays NUL-terminated where it lies.
    bool next(StringView& record);

private:
    const char* text_;
    std::size_t size_;
    std::size_t at_ = 0;
};

// The value of a record with this key; null data when it has another key.
StringView value_of(StringView record, StringView key);

// The kernel's command line as records: of its words those that begin with "unik.", without that.
// Words end at spaces but within double quotes, which may stand anywhere and are left out.
std::size_t records_size(StringView command_line); // 0: there are none
// Precondition: `out` holds records_size(). Returns what it filled.
Bytes write_records(StringView command_line, MutableBytes out);

struct Counts {
    std::size_t arguments = 0;
    std::size_t variables = 0;
};
// How many arguments and variables both lists hold, each at most.
Counts count(Bytes built_in, Bytes override);

// Fills in pointers to NUL-terminated strings within the lists; the spans have room for what
// count() says. Returns how many were used.
Counts merge(Bytes built_in, Bytes override, Span<const char*> arguments,
             Span<const char*> variables);

// The value of the last record with this key, the override's before the built-in ones; empty when
// there is none.
StringView find_setting(Bytes built_in, Bytes override, StringView key);

} // namespace os::configuration
