// PE/COFF images as far as signing them for Secure Boot needs (Microsoft PE Format; Windows
// Authenticode Portable Executable Signature Format, "Calculating the PE Image Hash").
//
// The hash covers the file without three things: the checksum in the optional header, the
// certificate table's entry in the data directories, and the table itself, which ends the file:
//
//     [0, checksum) [checksum + 4, table entry) [table entry + 8, end of headers)
//     each section's bytes, by their place in the file
//     what lies behind the sections, up to the certificate table
//
// Sections that overlap or leave gaps would let bytes escape the hash or be hashed twice. Firmware
// hashes as above whatever the headers say; we refuse what is not laid out without gaps but for
// those behind the last section, so that all that could be loaded is what was hashed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <support/file.hpp>
#include <support/result.hpp>
#include <support/sha256.hpp>

namespace unik::sign {

class PeFile {
public:
    // The bytes must outlive the value. Error not-a-pe.
    static Result<PeFile> parse(ByteSpan bytes, const std::string& name);

    Digest digest() const;
    // One for each signature: the DER of the SignedData, with what pads it. Empty: unsigned.
    Result<std::vector<ByteSpan>> certificates() const;
    // The file with its certificate table replaced by one with this signature.
    ByteVector with_certificate(ByteSpan signed_data) const;
    // The file up to its certificate table, padded to where one may begin. What is to be hashed
    // and signed.
    ByteVector without_certificates() const;

private:
    struct Range {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    PeFile(ByteSpan bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
    Result<void> read_headers();
    Result<void> read_sections(std::size_t table, std::size_t count);
    Error wrong(std::string reason) const;

    ByteSpan bytes_;
    std::string name_;
    std::size_t checksum_ = 0;    // where it stands
    std::size_t table_entry_ = 0; // of the certificate table in the data directories
    std::size_t headers_end_ = 0; // SizeOfHeaders
    std::vector<Range> sections_; // by place
    Range certificates_{};        // empty at the end of the file: none
};

// The checksum of the optional header over the whole file, the field itself counted as zero.
std::uint32_t pe_checksum(ByteSpan file, std::size_t checksum_offset);

} // namespace unik::sign
