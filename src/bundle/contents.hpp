// A bundle as it lies there, before anything in it is trusted.
//
// The folder is opened once, image.json is read once, and each file is read once: into a copy that
// nobody else can write to, where the caller wants to use it. So what was verified is what is used,
// whatever happens to the names and files meanwhile.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <bundle/bundle.hpp>
#include <support/descriptor.hpp>
#include <support/open_file.hpp>

namespace unik::bundle {

// Signatures stand beside the record: image.json.minisig, image.json.sig. The record's digests do
// not cover them.
bool is_signature_name(const std::string& name);

struct Verified {
    Image image;
    std::map<std::string, OpenFile> files; // copies of those that were wanted
};

class Contents {
public:
    // Error no-bundle when there is none; what is no plain file where one must be is refused.
    static Result<Contents> open(const std::filesystem::path& bundle);

    // The folder's own name, links followed, without ".unik": what policies go by.
    const std::string& name() const { return name_; }
    const std::filesystem::path& path() const { return path_; } // as it was given
    const OpenFile& record() const { return record_; }          // a copy of image.json
    // image.json with this suffix; nothing when there is none.
    Result<std::optional<OpenFile>> signature(std::string_view suffix) const;

    // Compares all that lies in the folder with the record's digests. Every refusal has exit code
    // 4: each file that was changed, added or renamed or is missing is named.
    using Wanted = std::function<bool(const Image&, const std::string& name)>;
    Result<Verified> verify(const Wanted& wanted) const;

private:
    Contents(Descriptor folder, std::filesystem::path path, std::string name, OpenFile record)
        : folder_(std::move(folder)), path_(std::move(path)), name_(std::move(name)),
          record_(std::move(record)) {}

    Descriptor folder_;
    std::filesystem::path path_;
    std::string name_;
    OpenFile record_;
};

} // namespace unik::bundle
