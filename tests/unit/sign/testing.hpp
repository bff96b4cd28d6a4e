// What the tests of signatures begin with.
#pragma once

#include <sign/key.hpp>

#include "../results.hpp"

namespace unik::sign {

inline ByteSpan bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline Secret secret_of(std::string_view text) {
    return Secret(ByteVector(text.begin(), text.end()));
}

inline AskPassphrase answer(std::string text) {
    return [text](const std::string&) -> Result<Secret> { return secret_of(text); };
}

inline Result<Secret> nobody_answers(const std::string&) {
    return make_error("no-passphrase", "nobody is there");
}

struct Folder {
    TemporaryDirectory directory = must(TemporaryDirectory::create("unik-sign-test-"));
    std::filesystem::path path(const std::string& name) const { return directory.path() / name; }
    OpenFile file(std::string_view content, const std::string& name = "data") const {
        must(write_file(path(name), content));
        return must(OpenFile::open(path(name)));
    }
};

} // namespace unik::sign
