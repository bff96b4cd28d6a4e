// What a program's dynamic loader would look at, by the loader's file: glibc's and musl's differ.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <support/file.hpp>

namespace unik::toolchain {

enum class LoaderKind { glibc, musl };

struct Loader {
    LoaderKind kind = LoaderKind::glibc;
    std::string library_folder;       // $LIB: "lib/x86_64-linux-gnu"
    std::vector<std::string> folders; // searched last, in this order
    std::string path_file;            // musl: lists other folders instead, where it exists
};

// interpreter: the path in PT_INTERP; bytes: of that file.
Loader describe_loader(std::string_view interpreter, ByteSpan bytes);

// Folders of a list separated by colons (musl's file: by newlines, too).
std::vector<std::string> split_folders(std::string_view text);

// With $ORIGIN, $LIB and $PLATFORM put in, as the loader does; musl knows $ORIGIN alone, and passes
// over what it does not know: then empty.
std::string expand_tokens(const Loader& loader, std::string_view text, std::string_view origin);

// A name that is the C library itself, which musl never looks for.
bool is_built_in(const Loader& loader, std::string_view name);

} // namespace unik::toolchain
