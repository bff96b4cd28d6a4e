// The merged configuration: see vocabulary/boot_configuration.hpp for the records.
#pragma once

#include <cstddef>

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::configuration {

Result<void> start();

// The value of the last record with this key, empty when there is none.
StringView setting(StringView key);
// Of all records with this key, in their order and the built-in ones first, the value of one; null
// data behind the last.
StringView setting(StringView key, std::size_t index);

// argv and the environment as NUL-terminated strings that live for ever.
std::size_t argument_count();
const char* argument(std::size_t index);
std::size_t variable_count();
const char* variable(std::size_t index); // "NAME=VALUE"

// From the image's header.
const char* image_name();
const char* image_version();

} // namespace os::configuration
