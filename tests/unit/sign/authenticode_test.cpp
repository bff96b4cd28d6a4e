// Secure Boot: EFI programs, their signatures, and a firmware's variables.
#include "testing.hpp"

#include <cstring>

#include <openssl/pem.h>
#include <vocabulary/endian.hpp>

#include <sign/authenticode.hpp>
#include <sign/efi_variables.hpp>
#include <sign/pe_file.hpp>
#include <sign/secure_boot_keys.hpp>

namespace unik::sign {
namespace {

using vocabulary::Le16;
using vocabulary::Le32;

constexpr std::size_t k_pe = 0x80;
constexpr std::size_t k_optional = k_pe + 24;
constexpr std::size_t k_table_entry = k_optional + 112 + 32;
constexpr std::size_t k_sections = k_optional + 240;
constexpr std::int64_t k_moment = 1'700'000'000;

void put16(ByteVector& bytes, std::size_t at, std::uint16_t value) {
    const Le16 stored(value);
    std::memcpy(bytes.data() + at, &stored, sizeof(stored));
}

void put32(ByteVector& bytes, std::size_t at, std::uint32_t value) {
    const Le32 stored(value);
    std::memcpy(bytes.data() + at, &stored, sizeof(stored));
}

// Headers of 512 bytes, two sections of 512 and 300 bytes.
ByteVector program() {
    ByteVector bytes(512 + 512 + 300);
    for (std::size_t i = 512; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 7);
    bytes[0] = 'M';
    bytes[1] = 'Z';
    put32(bytes, 0x3c, k_pe);
    std::memcpy(bytes.data() + k_pe, "PE\0\0", 4);
    put16(bytes, k_pe + 4, 0x8664);
    put16(bytes, k_pe + 6, 2);
    put16(bytes, k_pe + 20, 240);
    put16(bytes, k_optional, 0x20b);
    put32(bytes, k_optional + 60, 512);
    put32(bytes, k_optional + 108, 16);
    put32(bytes, k_sections + 16, 512);
    put32(bytes, k_sections + 20, 512);
    put32(bytes, k_sections + 40 + 16, 300);
    put32(bytes, k_sections + 40 + 20, 1024);
    return bytes;
}

Certificate certificate_of(const CertifiedKey& made) {
    return must(Certificate::parse(bytes_of(made.certificate), "certificate"));
}

SecureBootKey signer_of(const CertifiedKey& made) {
    return must(SecureBootKey::parse(made.key, "key", certificate_of(made), nobody_answers));
}

// Keys take a while to make.
const CertifiedKey& owner() {
    static const CertifiedKey key = must(make_certified_key("owner", k_moment));
    return key;
}
const CertifiedKey& stranger() {
    static const CertifiedKey key = must(make_certified_key("stranger", k_moment));
    return key;
}

std::string check(ByteSpan bytes, const CertifiedKey& key = owner()) {
    return id_of(check_program(bytes, "program", certificate_of(key)));
}

TEST_CASE("a signed program is accepted, and its signature can be replaced") {
    const ByteVector bare = program();
    CHECK(check(bare) == "no-signature");
    const ByteVector once = must(signer_of(owner()).sign(bare, "program"));
    CHECK(check(once) == "no error");
    CHECK(check(once, stranger()) == "unknown-signer");
    CHECK(once.size() % 8 == 0);
    CHECK(must(signer_of(owner()).sign(bare, "program")) == once);
    const ByteVector other = must(signer_of(stranger()).sign(once, "program"));
    CHECK(check(other) == "unknown-signer");
    CHECK(must(signer_of(owner()).sign(other, "program")) == once);
}

TEST_CASE("no byte of a signed program can be changed but the checksum") {
    const ByteVector whole = must(signer_of(owner()).sign(program(), "program"));
    const std::size_t table = (program().size() + 7) / 8 * 8;
    for (std::size_t at = 0; at < table; ++at) {
        ByteVector changed = whole;
        changed[at] ^= 1;
        const bool is_checksum = at >= k_optional + 64 && at < k_optional + 68;
        CHECK((check(changed) == "no error") == is_checksum);
    }
}

TEST_CASE("a signed program is refused wherever it is cut off, and when something is appended") {
    const ByteVector whole = must(signer_of(owner()).sign(program(), "program"));
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK(check(ByteSpan(whole).first(length)) != "no error");
    ByteVector more = whole;
    more.resize(more.size() + 8);
    CHECK(check(more) == "not-a-pe");
    ByteVector bare = program();
    bare.push_back('x'); // what follows the sections is signed, too
    const ByteVector longer = must(signer_of(owner()).sign(bare, "program"));
    CHECK(check(longer) == "no error");
    ByteVector changed = longer;
    changed[program().size()] = 'y';
    CHECK(check(changed) == "bad-signature");
}

TEST_CASE("headers that would let bytes escape the hash are refused") {
    struct Change {
        std::size_t at;
        std::uint32_t value;
    };
    const Change changes[] = {
        {0x3c, 0xffff'fff0},            // the PE header beyond the end
        {k_optional + 60, 100},         // headers end within the headers
        {k_optional + 60, 0x10000},     // or beyond the file
        {k_optional + 60, 520},         // or in a section
        {k_optional + 108, 4},          // no entry for signatures
        {k_sections + 16, 0xffff'ffff}, // a section beyond the end
        {k_sections + 16, 500},         // a gap
        {k_sections + 20, 600},         // an overlap
        {k_table_entry, 1},             // a table without size
        {k_table_entry + 4, 8},         // a table at 0
    };
    for (const Change& change : changes) {
        ByteVector bytes = program();
        put32(bytes, change.at, change.value);
        CHECK(id_of(PeFile::parse(bytes, "program")) == "not-a-pe");
    }
    for (const std::uint16_t sections : {std::uint16_t{0}, std::uint16_t{200}}) {
        ByteVector bytes = program();
        put16(bytes, k_pe + 6, sections);
        CHECK(id_of(PeFile::parse(bytes, "program")) == "not-a-pe");
    }
    for (const char* text : {"", "M", "MZ", "ELF"})
        CHECK(id_of(PeFile::parse(bytes_of(text), "program")) == "not-a-pe");
}

TEST_CASE("a certificate table that is damaged is refused") {
    const ByteVector whole = must(signer_of(owner()).sign(program(), "program"));
    const std::size_t table = (program().size() + 7) / 8 * 8;
    for (const std::uint32_t length : {0U, 7U, 0xffff'fff8U, 0x7fff'ffffU}) {
        ByteVector changed = whole;
        put32(changed, table, length);
        CHECK(check(changed) == "not-a-pe");
    }
    ByteVector changed = whole;
    changed[table + 6] = 1; // a kind of certificate that is none
    CHECK(check(changed) == "no-signature");
    for (std::size_t at = table + 8; at < whole.size() - 8; ++at) {
        changed = whole;
        changed[at] ^= 0x20;
        static_cast<void>(check(changed)); // whatever it says, it says it
    }
}

TEST_CASE("a key of another kind, or of another certificate, does not sign") {
    const Owned<EVP_PKEY> small(EVP_RSA_gen(1024));
    const Owned<BIO> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), small.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &text));
    CHECK(id_of(SecureBootKey::parse(secret_of({text, size}), "key", certificate_of(owner()),
                                     nobody_answers)) == "bad-key");
    CHECK(id_of(SecureBootKey::parse(stranger().key, "key", certificate_of(owner()),
                                     nobody_answers)) == "key-mismatch");
    CHECK(id_of(SecureBootKey::parse(secret_of("x"), "key", certificate_of(owner()),
                                     nobody_answers)) == "bad-key");
    CHECK(id_of(Certificate::parse(bytes_of("x"), "certificate")) == "bad-certificate");
}

TEST_CASE("an update of a variable is signed over its name, its owner, its time and its content") {
    const ByteVector content = signature_list(certificate_of(owner()).der());
    const ByteVector update =
        must(signed_update("db", k_image_security, content, k_moment, signer_of(owner())));
    REQUIRE(update.size() > 40 + content.size());
    CHECK(ByteVector(update.begin(), update.begin() + 7) ==
          ByteVector{0xe7, 0x07, 11, 14, 22, 13, 20}); // 2023-11-14 22:13:20
    const std::size_t length = update[16] + update[17] * 256U;
    REQUIRE(update.size() == 16 + length + content.size());
    const unsigned char* der = update.data() + 40;
    PKCS7_SIGNED* bare = d2i_PKCS7_SIGNED(nullptr, &der, static_cast<long>(length - 24));
    REQUIRE(bare != nullptr);
    const Owned<PKCS7> signed_data(PKCS7_new());
    signed_data->type = OBJ_nid2obj(NID_pkcs7_signed);
    signed_data->d.sign = bare;
    ByteVector message{'d', 0, 'b', 0};
    message.insert(message.end(), k_image_security.begin(), k_image_security.end());
    message.insert(message.end(), {0x27, 0, 0, 0});
    message.insert(message.end(), update.begin(), update.begin() + 16);
    message.insert(message.end(), content.begin(), content.end());
    const auto fits = [&] {
        const Owned<BIO> input = bio_over(message);
        return PKCS7_verify(signed_data.get(), nullptr, nullptr, input.get(), nullptr,
                            PKCS7_NOVERIFY | PKCS7_BINARY) == 1;
    };
    CHECK(fits());
    message[0] = 'D';
    CHECK_FALSE(fits());
}

// A store of this size behind a header of 72 bytes.
ByteVector store_of_size(std::uint32_t size) {
    ByteVector bytes(size + 4096, 0xff);
    std::fill_n(bytes.begin(), 100, 0);
    std::memcpy(bytes.data() + 40, "_FVH", 4);
    put16(bytes, 48, 72);
    const EfiGuid kind{0x78, 0x2c, 0xf3, 0xaa, 0x7b, 0x94, 0x9a, 0x43,
                       0xa1, 0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92};
    std::copy(kind.begin(), kind.end(), bytes.begin() + 72);
    put32(bytes, 88, size);
    bytes[92] = 0x5a;
    bytes[93] = 0xfe;
    return bytes;
}

ByteVector store() {
    return store_of_size(4096);
}

TEST_CASE("keys are enrolled into an empty store alone, and only when they fit") {
    const SecureBootVariables variables{ByteVector(100), ByteVector(101), ByteVector(102)};
    const ByteVector enrolled = must(enroll(store(), variables, k_moment));
    CHECK(enrolled.size() == store().size());
    CHECK(enrolled[100] == 0xaa);
    CHECK(enrolled[101] == 0x55);
    CHECK(id_of(enroll(enrolled, variables, k_moment)) == "not-a-variable-store");
    const SecureBootVariables large{ByteVector(100), ByteVector(101), ByteVector(5000)};
    CHECK(id_of(enroll(store(), large, k_moment)) == "variable-store-full");
}

TEST_CASE("what is no store of variables is refused, at whatever byte it is cut off") {
    const ByteVector whole = store();
    const SecureBootVariables variables{ByteVector(100), ByteVector(101), ByteVector(102)};
    for (std::size_t length = 0; length < 72 + 4096; length += 13)
        CHECK_FALSE(enroll(ByteSpan(whole).first(length), variables, k_moment).ok());
    for (const std::size_t at : {40U, 72U, 91U, 92U, 93U}) {
        ByteVector changed = whole;
        changed[at] ^= 0xff;
        CHECK_FALSE(enroll(changed, variables, k_moment).ok());
    }
    ByteVector hostile = whole;
    put32(hostile, 72 + 16, 27); // the store ends inside its own header
    CHECK(id_of(enroll(hostile, variables, k_moment)) == "not-a-variable-store");
    hostile = must(enroll(whole, variables, k_moment));
    put32(hostile, 100 + 36, 0xffff'ffff); // the size of the first name
    CHECK(id_of(enroll(hostile, variables, k_moment)) == "not-a-variable-store");
}

TEST_CASE("a set of keys is written whole, and its secrets are its owner's alone") {
    const Folder folder;
    must(write_secure_boot_keys(folder.path("keys"), store_of_size(64 << 10), k_moment));
    for (const char* name : {"PK", "KEK", "db"}) {
        const std::filesystem::path key = folder.path("keys") / (std::string(name) + ".key");
        CHECK((std::filesystem::status(key).permissions() & std::filesystem::perms::all) ==
              std::filesystem::perms(0600));
    }
    CHECK(id_of(write_secure_boot_keys(folder.path("keys"), store_of_size(64 << 10), k_moment)) ==
          "key-exists");
}

} // namespace
} // namespace unik::sign
