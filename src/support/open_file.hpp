// A regular file that is opened once and used many times: it stays the same file however often its
// name is given to another. Who checks a file and then uses it does both with one of these.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <support/descriptor.hpp>
#include <support/file.hpp>
#include <support/result.hpp>
#include <support/sha256.hpp>

namespace unik {

class OpenFile {
public:
    // Symbolic links are followed: for a file that the user names.
    static Result<OpenFile> open(const std::filesystem::path& path);
    // The entry of an open folder itself: no link, nothing below. folder_path is for messages.
    static Result<OpenFile> open_in(int folder, const std::string& name,
                                    const std::filesystem::path& folder_path);

    Bytes size() const { return size_; }
    const std::string& name() const { return name_; } // for messages
    int descriptor() const { return file_.get(); }
    // Precondition: within size. An Error when the file has become shorter.
    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) const;
    // All of it, when it is no larger than limit.
    Result<ByteVector> read_all(Bytes limit) const;
    Result<Digest> digest() const;

    // A private copy of what the file holds now, with its digest: nobody else can write into it.
    // A small one is kept in memory, a large one in the folder for temporary files, without a name.
    struct Copied;
    Result<Copied> copy() const;

    // Under this path our process, and children while the descriptor is inheritable, open the very
    // same file.
    std::filesystem::path path() const;
    Result<void> make_inheritable() const;

private:
    OpenFile(Descriptor file, Bytes size, std::string name);
    static Result<OpenFile> checked(Descriptor file, std::string name);

    Descriptor file_;
    Bytes size_;
    std::string name_;
};

struct OpenFile::Copied {
    OpenFile file;
    Digest digest;
};

} // namespace unik
