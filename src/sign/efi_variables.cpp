#include <sign/efi_variables.hpp>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <optional>

#include <fmt/format.h>
#include <vocabulary/endian.hpp>

namespace unik::sign {
namespace {

using vocabulary::Le16;
using vocabulary::Le32;
using vocabulary::Le64;

// "8be4df61-93ca-11d2-aa0d-00e098032b8c": the first three groups are little-endian numbers.
constexpr EfiGuid guid(std::string_view text) {
    constexpr std::array<std::size_t, 16> k_places{3, 2, 1,  0,  5,  4,  7,  6,
                                                   8, 9, 10, 11, 12, 13, 14, 15};
    EfiGuid out{};
    std::size_t digit = 0;
    for (const char c : text) {
        if (c == '-')
            continue;
        const unsigned value =
            c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'a' + 10);
        auto& byte = out[k_places[digit / 2]];
        byte = static_cast<std::uint8_t>(byte * 16 + value);
        ++digit;
    }
    return out;
}

constexpr EfiGuid k_global = guid("8be4df61-93ca-11d2-aa0d-00e098032b8c");
constexpr EfiGuid k_security = guid("d719b2cb-3d3a-4596-a3bc-dad00e67656f");
constexpr EfiGuid k_x509 = guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");
constexpr EfiGuid k_pkcs7 = guid("4aafd29d-68df-49ee-8aa9-347d375665a7");
constexpr EfiGuid k_authenticated_store = guid("aaf32c78-947b-439a-a180-2e144ec37792");
constexpr EfiGuid k_secure_boot_enable = guid("f0a30bc7-af08-4556-99c4-001009c93a44");
constexpr EfiGuid k_custom_mode = guid("c076ec0c-7028-4399-a072-71ee5c448b9f");

constexpr std::uint32_t k_non_volatile = 1;
constexpr std::uint32_t k_boot_access = 2;
constexpr std::uint32_t k_runtime_access = 4;
constexpr std::uint32_t k_time_based = 0x20;
constexpr std::uint32_t k_key_attributes =
    k_non_volatile | k_boot_access | k_runtime_access | k_time_based;
constexpr std::uint32_t k_setting_attributes = k_non_volatile | k_boot_access;

template <typename T>
void put(ByteVector& out, const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof(value));
}

void put_bytes(ByteVector& out, ByteSpan bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

ByteVector utf16(std::string_view name) {
    ByteVector out;
    for (const char c : name)
        put(out, Le16(static_cast<unsigned char>(c)));
    return out;
}

// EFI_TIME: UTC, without daylight saving.
ByteVector efi_time(std::int64_t seconds) {
    const std::time_t moment = static_cast<std::time_t>(seconds);
    std::tm parts{};
    ::gmtime_r(&moment, &parts);
    ByteVector out;
    put(out, Le16(static_cast<std::uint16_t>(parts.tm_year + 1900)));
    for (const int value :
         {parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec})
        out.push_back(static_cast<std::uint8_t>(value));
    out.resize(16);
    return out;
}

struct VolumeHeader {
    std::uint8_t zero[16];
    EfiGuid kind;
    Le64 length;
    char signature[4];
    Le32 attributes;
    Le16 header_length;
    Le16 checksum;
    Le16 extended_header;
    std::uint8_t reserved;
    std::uint8_t revision;
};
static_assert(sizeof(VolumeHeader) == 56);

struct StoreHeader {
    EfiGuid kind;
    Le32 size;
    std::uint8_t format;
    std::uint8_t state;
    Le16 reserved;
    Le32 reserved_too;
};
static_assert(sizeof(StoreHeader) == 28);

constexpr std::uint8_t k_formatted = 0x5a;
constexpr std::uint8_t k_healthy = 0xfe;

struct VariableHeader {
    Le16 start;
    std::uint8_t state;
    std::uint8_t reserved;
    Le32 attributes;
    Le64 count;
    std::uint8_t time[16];
    Le32 public_key;
    Le32 name_size;
    Le32 data_size;
    EfiGuid vendor;
};
static_assert(sizeof(VariableHeader) == 60);

constexpr std::uint16_t k_start = 0x55aa;
constexpr std::uint8_t k_added = 0x3f;

constexpr std::size_t aligned(std::size_t value) {
    return (value + 3) / 4 * 4;
}

Error no_store(std::string_view reason) {
    return make_error("not-a-variable-store",
                      fmt::format("the firmware's variable store cannot be used: {}", reason),
                      "give the empty one of OVMF, such as /usr/share/OVMF/OVMF_VARS_4M.fd");
}

// Appends variables to a store.
class StoreWriter {
public:
    static Result<StoreWriter> create(ByteSpan store) {
        VolumeHeader volume;
        if (store.size() < sizeof(volume))
            return no_store("it is too small");
        std::memcpy(&volume, store.data(), sizeof(volume));
        const std::size_t begin = volume.header_length;
        if (std::memcmp(volume.signature, "_FVH", 4) != 0 || begin < sizeof(volume) ||
            store.size() < begin + sizeof(StoreHeader))
            return no_store("it is no firmware volume");
        StoreHeader header;
        std::memcpy(&header, store.data() + begin, sizeof(header));
        if (header.kind != k_authenticated_store || header.format != k_formatted ||
            header.state != k_healthy || header.size < sizeof(header) ||
            header.size > store.size() - begin)
            return no_store("it holds no authenticated variables");
        StoreWriter writer(ByteVector(store.begin(), store.end()));
        writer.end_ = begin + header.size;
        writer.at_ = begin + sizeof(StoreHeader);
        UNIK_TRY(writer.skip_variables());
        return writer;
    }

    Result<void> add(std::string_view name, const EfiGuid& vendor, std::uint32_t attributes,
                     ByteSpan data, ByteSpan time) {
        ByteVector encoded = utf16(name);
        encoded.resize(encoded.size() + 2);
        VariableHeader header{};
        header.start = k_start;
        header.state = k_added;
        header.attributes = attributes;
        if (!time.empty())
            std::copy(time.begin(), time.end(), header.time);
        header.name_size = static_cast<std::uint32_t>(encoded.size());
        header.data_size = static_cast<std::uint32_t>(data.size());
        header.vendor = vendor;
        ByteVector whole;
        put(whole, header);
        put_bytes(whole, encoded);
        put_bytes(whole, data);
        if (end_ - at_ < aligned(whole.size()))
            return make_error("variable-store-full",
                              "the keys do not fit into the firmware's variable store",
                              "use the empty store of OVMF's 4M build");
        std::copy(whole.begin(), whole.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ += aligned(whole.size());
        return {};
    }

    ByteVector take() { return std::move(bytes_); }

private:
    explicit StoreWriter(ByteVector bytes) : bytes_(std::move(bytes)) {}

    // To behind the last one. Keys that are there already are not ours to replace.
    Result<void> skip_variables() {
        const ByteVector pk = utf16("PK");
        while (end_ - at_ >= sizeof(VariableHeader)) {
            VariableHeader header;
            std::memcpy(&header, bytes_.data() + at_, sizeof(header));
            if (header.start != k_start)
                break;
            const std::size_t left = end_ - at_ - sizeof(header);
            if (header.name_size > left || header.data_size > left - header.name_size)
                return no_store("a variable reaches beyond its end");
            if (header.state == k_added && header.vendor == k_global &&
                header.name_size == pk.size() + 2 &&
                std::memcmp(bytes_.data() + at_ + sizeof(header), pk.data(), pk.size()) == 0)
                return no_store("it holds keys already");
            at_ +=
                std::min(aligned(sizeof(header) + header.name_size + header.data_size), end_ - at_);
        }
        return {};
    }

    ByteVector bytes_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
};

} // namespace

const EfiGuid k_efi_global_variable = k_global;
const EfiGuid k_image_security = k_security;

ByteVector signature_list(ByteSpan certificate) {
    const Digest digest = sha256(certificate);
    EfiGuid owner{};
    std::copy_n(digest.begin(), owner.size(), owner.begin());
    // A GUID of version 8 (RFC 9562): made as its maker likes.
    owner[7] = static_cast<std::uint8_t>((owner[7] & 0x0f) | 0x80);
    owner[8] = static_cast<std::uint8_t>((owner[8] & 0x3f) | 0x80);
    const auto size = static_cast<std::uint32_t>(owner.size() + certificate.size());
    ByteVector out;
    put(out, k_x509);
    put(out, Le32(28 + size));
    put(out, Le32(0)); // no header
    put(out, Le32(size));
    put(out, owner);
    put_bytes(out, certificate);
    return out;
}

Result<ByteVector> signed_update(std::string_view name, const EfiGuid& vendor, ByteSpan content,
                                 std::int64_t seconds, const SecureBootKey& signer) {
    const ByteVector time = efi_time(seconds);
    ByteVector message = utf16(name);
    put(message, vendor);
    put(message, Le32(k_key_attributes));
    put_bytes(message, time);
    put_bytes(message, content);
    const ByteVector signature = UNIK_TRY(signer.sign_detached(message));
    ByteVector out = time;
    put(out, Le32(static_cast<std::uint32_t>(8 + sizeof(EfiGuid) + signature.size())));
    put(out, Le16(0x0200));
    put(out, Le16(0x0ef1)); // WIN_CERT_TYPE_EFI_GUID
    put(out, k_pkcs7);
    put_bytes(out, signature);
    put_bytes(out, content);
    return out;
}

Result<ByteVector> enroll(ByteSpan store, const SecureBootVariables& variables,
                          std::int64_t seconds) {
    StoreWriter writer = UNIK_TRY(StoreWriter::create(store));
    const ByteVector time = efi_time(seconds);
    const std::uint8_t on = 1;
    const std::uint8_t standard = 0;
    UNIK_TRY(
        writer.add("SecureBootEnable", k_secure_boot_enable, k_setting_attributes, {&on, 1}, {}));
    UNIK_TRY(writer.add("CustomMode", k_custom_mode, k_setting_attributes, {&standard, 1}, {}));
    UNIK_TRY(writer.add("db", k_security, k_key_attributes, variables.db, time));
    UNIK_TRY(writer.add("KEK", k_global, k_key_attributes, variables.kek, time));
    UNIK_TRY(writer.add("PK", k_global, k_key_attributes, variables.pk, time));
    return writer.take();
}

} // namespace unik::sign
