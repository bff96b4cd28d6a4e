#include <sign/pe_file.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <vocabulary/endian.hpp>

namespace unik::sign {
namespace {

using vocabulary::Le16;
using vocabulary::Le32;

constexpr std::size_t k_pe_pointer = 0x3c;
constexpr std::size_t k_coff_size = 24; // with "PE\0\0"
constexpr std::size_t k_checksum = 64;  // in the optional header, of both kinds
constexpr std::size_t k_section_size = 40;
constexpr std::size_t k_alignment = 8;
constexpr std::size_t k_certificate_header = 8;
constexpr std::size_t k_certificate_index = 4; // among the data directories
constexpr std::size_t k_most_sections = 96;
constexpr std::size_t k_most_certificates = 16;
constexpr std::uint16_t k_revision = 0x0200;
constexpr std::uint16_t k_pkcs_signed_data = 0x0002;

// Precondition: within the bytes.
template <typename T>
T load(ByteSpan bytes, std::size_t offset) {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

std::uint32_t load32(ByteSpan bytes, std::size_t offset) {
    return load<Le32>(bytes, offset);
}

std::uint16_t load16(ByteSpan bytes, std::size_t offset) {
    return load<Le16>(bytes, offset);
}

void store32(ByteVector& bytes, std::size_t offset, std::size_t value) {
    const Le32 stored(static_cast<std::uint32_t>(value));
    std::memcpy(bytes.data() + offset, &stored, sizeof(stored));
}

void store16(ByteVector& bytes, std::size_t offset, std::uint16_t value) {
    const Le16 stored(value);
    std::memcpy(bytes.data() + offset, &stored, sizeof(stored));
}

constexpr std::size_t aligned(std::size_t value) {
    return (value + k_alignment - 1) / k_alignment * k_alignment;
}

// Where the number of data directories stands, by the optional header's magic.
std::size_t directory_count_offset(std::uint16_t magic) {
    constexpr std::uint16_t k_pe32 = 0x10b;
    constexpr std::uint16_t k_pe32_plus = 0x20b;
    return magic == k_pe32 ? 92 : magic == k_pe32_plus ? 108 : 0;
}

} // namespace

Error PeFile::wrong(std::string reason) const {
    return make_error("not-a-pe", fmt::format("'{}' is no EFI program: {}", name_, reason),
                      "expected a PE file such as kernel.efi");
}

Result<PeFile> PeFile::parse(ByteSpan bytes, const std::string& name) {
    PeFile file(bytes, name);
    UNIK_TRY(file.read_headers());
    return file;
}

Result<void> PeFile::read_headers() {
    const std::size_t size = bytes_.size();
    if (size < k_pe_pointer + 4 || bytes_[0] != 'M' || bytes_[1] != 'Z')
        return wrong("it does not begin with \"MZ\"");
    if (size > 0xffff'ffff)
        return wrong("it is larger than 4 GiB");
    const std::size_t pe = load32(bytes_, k_pe_pointer);
    if (pe > size || size - pe < k_coff_size + 2 ||
        std::memcmp(bytes_.data() + pe, "PE\0\0", 4) != 0)
        return wrong("it has no PE header");
    const std::size_t optional = pe + k_coff_size;
    const std::size_t optional_size = load16(bytes_, pe + 20);
    const std::size_t sections = load16(bytes_, pe + 6);
    const std::size_t counter = directory_count_offset(load16(bytes_, optional));
    if (counter == 0)
        return wrong("its optional header is of an unknown kind");
    const std::size_t entry = counter + 4 + 8 * k_certificate_index;
    if (optional_size < entry + 8 || size - optional < optional_size ||
        load32(bytes_, optional + counter) <= k_certificate_index)
        return wrong("its headers have no room for a signature");
    checksum_ = optional + k_checksum;
    table_entry_ = optional + entry;
    headers_end_ = load32(bytes_, optional + 60);
    const std::size_t table = optional + optional_size;
    if (sections == 0 || sections > k_most_sections || size - table < sections * k_section_size ||
        headers_end_ < table + sections * k_section_size || headers_end_ > size)
        return wrong("its section table does not fit into its headers");
    return read_sections(table, sections);
}

Result<void> PeFile::read_sections(std::size_t table, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t header = table + i * k_section_size;
        const std::size_t raw_size = load32(bytes_, header + 16);
        const std::size_t begin = load32(bytes_, header + 20);
        if (raw_size == 0)
            continue;
        if (begin > bytes_.size() || bytes_.size() - begin < raw_size)
            return wrong("a section lies beyond its end");
        sections_.push_back({begin, begin + raw_size});
    }
    std::sort(sections_.begin(), sections_.end(),
              [](const Range& a, const Range& b) { return a.begin < b.begin; });
    std::size_t end = headers_end_;
    for (const Range& section : sections_) {
        if (section.begin != end)
            return wrong("its sections overlap or leave gaps, which a signature would not cover");
        end = section.end;
    }
    const std::size_t certificates = load32(bytes_, table_entry_);
    const std::size_t certificates_size = load32(bytes_, table_entry_ + 4);
    certificates_ = {bytes_.size(), bytes_.size()};
    if (certificates == 0 && certificates_size == 0)
        return {};
    if (certificates < end || certificates > bytes_.size() ||
        certificates_size != bytes_.size() - certificates || certificates % k_alignment != 0)
        return wrong("its certificate table is not the end of the file");
    certificates_.begin = certificates;
    return {};
}

Digest PeFile::digest() const {
    Sha256 hash;
    hash.update(bytes_.first(checksum_));
    hash.update(bytes_.subspan(checksum_ + 4, table_entry_ - checksum_ - 4));
    hash.update(bytes_.subspan(table_entry_ + 8, headers_end_ - table_entry_ - 8));
    // Sections follow the headers and each other; what lies behind them is hashed, too.
    hash.update(bytes_.subspan(headers_end_, certificates_.begin - headers_end_));
    return hash.finish();
}

Result<std::vector<ByteSpan>> PeFile::certificates() const {
    std::vector<ByteSpan> out;
    for (std::size_t at = certificates_.begin; at < certificates_.end;) {
        const std::size_t left = certificates_.end - at;
        const std::size_t length = left < k_certificate_header ? 0 : load32(bytes_, at);
        if (length < k_certificate_header || length > left || aligned(length) > left)
            return wrong("its certificate table is damaged");
        if (load16(bytes_, at + 4) == k_revision && load16(bytes_, at + 6) == k_pkcs_signed_data)
            out.push_back(bytes_.subspan(at + k_certificate_header, length - k_certificate_header));
        if (out.size() > k_most_certificates)
            return wrong(fmt::format("it has more than {} signatures", k_most_certificates));
        at += aligned(length);
    }
    return out;
}

ByteVector PeFile::without_certificates() const {
    ByteVector out(bytes_.begin(),
                   bytes_.begin() + static_cast<std::ptrdiff_t>(certificates_.begin));
    out.resize(aligned(out.size()));
    store32(out, table_entry_, 0);
    store32(out, table_entry_ + 4, 0);
    store32(out, checksum_, pe_checksum(out, checksum_));
    return out;
}

ByteVector PeFile::with_certificate(ByteSpan signed_data) const {
    ByteVector out = without_certificates();
    const std::size_t table = out.size();
    const std::size_t length = aligned(k_certificate_header + signed_data.size());
    out.resize(table + length);
    store32(out, table, length);
    store16(out, table + 4, k_revision);
    store16(out, table + 6, k_pkcs_signed_data);
    std::copy(signed_data.begin(), signed_data.end(),
              out.begin() + static_cast<std::ptrdiff_t>(table + k_certificate_header));
    store32(out, table_entry_, table);
    store32(out, table_entry_ + 4, length);
    store32(out, checksum_, pe_checksum(out, checksum_));
    return out;
}

// The sum of all 16-bit words with the carry added back in, and the file's length.
std::uint32_t pe_checksum(ByteSpan file, std::size_t checksum_offset) {
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < file.size(); ++at) {
        if (at >= checksum_offset && at < checksum_offset + 4)
            continue;
        sum += static_cast<std::uint64_t>(file[at]) << (at % 2 * 8);
    }
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint32_t>(sum + file.size());
}

} // namespace unik::sign
