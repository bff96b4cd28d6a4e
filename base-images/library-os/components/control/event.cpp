#include <clock/clock.hpp>
#include <control/control.hpp>

namespace os::control {

template <typename Write>
Event& Event::field(const char* key, Write write) {
    const JsonLine::Mark before = json_.mark();
    json_.key(key);
    write(json_);
    json_.keep(before);
    return *this;
}

Event::Event(const char* name) : Event(name, clock::monotonic()) {}

Event::Event(const char* name, Nanoseconds when) {
    text("event", name);
    number("us", when.value / 1000);
}

Event& Event::text(const char* key, StringView value) {
    return field(key, [&](JsonLine& json) { json.quoted(value); });
}

Event& Event::number(const char* key, std::int64_t value) {
    return field(key, [&](JsonLine& json) { json.number(value); });
}

Event& Event::hex(const char* key, std::uint64_t value) {
    return field(key, [&](JsonLine& json) { json.hex(value); });
}

Event& Event::hex_list(const char* key, Span<const std::uint64_t> values) {
    return field(key, [&](JsonLine& json) {
        const char* separator = "[";
        for (const std::uint64_t value : values) {
            json.raw(separator);
            json.hex(value);
            separator = ",";
        }
        json.raw(values.empty() ? "[]" : "]");
    });
}

Event& Event::hex_object(const char* key, Span<const NamedValue> values) {
    return field(key, [&](JsonLine& json) {
        const char* separator = "{";
        for (const NamedValue& value : values) {
            json.raw(separator);
            json.quoted(value.name);
            json.raw(":");
            json.hex(value.value);
            separator = ",";
        }
        json.raw(values.empty() ? "{}" : "}");
    });
}

StringView Event::line() {
    return json_.close();
}

} // namespace os::control
