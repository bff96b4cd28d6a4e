// Keys and detached signatures.
#include "testing.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <sign/base64.hpp>

namespace unik::sign {
namespace {

SigningKey p256_key(const char* passphrase = nullptr) {
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const Owned<BIO> out(BIO_new(BIO_s_mem()));
    REQUIRE(PEM_write_bio_PKCS8PrivateKey(
                out.get(), key.get(), passphrase != nullptr ? EVP_aes_256_cbc() : nullptr,
                passphrase, passphrase != nullptr ? static_cast<int>(strlen(passphrase)) : 0,
                nullptr, nullptr) == 1);
    char* text = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &text));
    const Secret secret = secret_of({text, size});
    if (passphrase != nullptr) {
        CHECK(id_of(SigningKey::parse(secret, "key", answer("other"))) == "wrong-passphrase");
        CHECK(id_of(SigningKey::parse(secret, "key", nobody_answers)) == "no-passphrase");
        return must(SigningKey::parse(secret, "key", answer(passphrase)));
    }
    return must(SigningKey::parse(secret, "key", nobody_answers));
}

PublicKey public_of(const SigningKey& key) {
    return must(PublicKey::parse(key.public_text(), "public key"));
}

// The same key with another key's id.
PublicKey with_id_of(const SigningKey& key, const SigningKey& other) {
    auto parsed = must(minisign::parse_public_key(key.public_text(), "key"));
    parsed.id = must(minisign::parse_public_key(other.public_text(), "key")).id;
    return must(PublicKey::parse(minisign::to_text(parsed), "key"));
}

TEST_CASE("what a key signs, its public half accepts, and says the trusted comment") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    const SigningKey key = must(SigningKey::generate());
    const std::string signature = must(key.sign(file, "data"));
    CHECK(must(public_of(key).check(file, bytes_of(signature), "s")) == "file:data\thashed");
    CHECK(must(key.sign(file, "data")) == signature);
}

TEST_CASE("the time stands in a signature only when SOURCE_DATE_EPOCH tells it") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    const SigningKey key = must(SigningKey::generate());
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    const std::string signature = must(key.sign(file, "data"));
    ::setenv("SOURCE_DATE_EPOCH", "yesterday", 1);
    const std::string other = must(key.sign(file, "data"));
    ::unsetenv("SOURCE_DATE_EPOCH");
    CHECK(must(public_of(key).check(file, bytes_of(signature), "s")) ==
          "timestamp:1700000000\tfile:data\thashed");
    CHECK(must(public_of(key).check(file, bytes_of(other), "s")) == "file:data\thashed");
}

TEST_CASE("a signature over other data, by another key, or by another key with the same id is "
          "refused") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    const OpenFile other = folder.file("some date", "other");
    const SigningKey key = must(SigningKey::generate());
    const SigningKey stranger = must(SigningKey::generate());
    const std::string signature = must(key.sign(file, "data"));
    CHECK(id_of(public_of(key).check(other, bytes_of(signature), "s")) == "bad-signature");
    CHECK(id_of(public_of(stranger).check(file, bytes_of(signature), "s")) == "unknown-signer");
    CHECK(id_of(with_id_of(stranger, key).check(file, bytes_of(signature), "s")) ==
          "bad-signature");
    CHECK(public_of(stranger).check(file, bytes_of(signature), "s").error().exit_code ==
          ExitCode::verification_refused);
}

TEST_CASE("a signature is refused at whatever byte it is cut off") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    for (const bool p256 : {false, true}) {
        const SigningKey key = p256 ? p256_key() : must(SigningKey::generate());
        const std::string signature = must(key.sign(file, "data"));
        const PublicKey trusted = public_of(key);
        // Without its last line end a text is still whole.
        const std::size_t whole = signature.size() - (p256 ? 0 : 1);
        for (std::size_t length = 0; length < whole; ++length) {
            const auto checked =
                trusted.check(file, bytes_of(std::string_view(signature).substr(0, length)), "s");
            CHECK(id_of(checked) == "bad-signature");
            CHECK(checked.error().exit_code == ExitCode::verification_refused);
        }
        CHECK(trusted.check(file, bytes_of(signature), "s").ok());
        CHECK_FALSE(trusted.check(file, bytes_of(signature + signature), "s").ok());
    }
}

TEST_CASE("no byte of a signature can be changed") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    const SigningKey key = must(SigningKey::generate());
    const PublicKey trusted = public_of(key);
    const std::string signature = must(key.sign(file, "data"));
    const std::size_t free_text = signature.find('\n'); // the untrusted comment is just that
    for (std::size_t at = 0; at < signature.size() - 1; ++at) {
        std::string changed = signature;
        changed[at] = changed[at] == 'x' ? 'y' : 'x';
        const bool in_comment =
            at >= std::string_view("untrusted comment: ").size() && at < free_text;
        CHECK(trusted.check(file, bytes_of(changed), "s").ok() == in_comment);
    }
}

TEST_CASE("comments of two lines, with control characters or without end are refused") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    const SigningKey key = must(SigningKey::generate());
    const PublicKey trusted = public_of(key);
    const std::string signature = must(key.sign(file, "data"));
    const std::size_t untrusted = signature.find("signature by");
    const std::size_t comment = signature.find("file:");
    for (const std::string& text : {std::string("two\nlines"), std::string("\x1b[31mred"),
                                    std::string("nul\0", 4), std::string("\r"), std::string("\x80"),
                                    std::string(8192, 'a'), std::string(20'000'000, 'a')})
        for (const std::size_t at : {untrusted, comment}) {
            std::string changed = signature;
            changed.insert(at, text);
            const auto checked = trusted.check(file, bytes_of(changed), "s");
            CHECK(id_of(checked) == "bad-signature");
            CHECK(to_text(checked.error()).find('\x1b') == std::string::npos);
        }
}

TEST_CASE("a file whose name holds control characters is signed under a harmless one") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    const SigningKey key = must(SigningKey::generate());
    const std::string signature = must(key.sign(file, "a\nb\x1b\xff"));
    CHECK(must(public_of(key).check(file, bytes_of(signature), "s")) == "file:a?b??\thashed");
}

TEST_CASE("the older form of minisign's signatures is told apart") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    const SigningKey key = must(SigningKey::generate());
    std::string signature = must(key.sign(file, "data"));
    signature.replace(signature.find("\nRU"), 3, "\nRW"); // "ED" and "Ed"
    const auto checked = public_of(key).check(file, bytes_of(signature), "s");
    CHECK(id_of(checked) == "bad-signature");
    CHECK(to_text(checked.error()).find("older form") != std::string::npos);
}

TEST_CASE("a protected key opens with its passphrase alone") {
    const SigningKey key = must(SigningKey::generate());
    const Secret passphrase = secret_of("correct horse");
    const Secret text = must(key.secret_text(&passphrase));
    CHECK(must(SigningKey::parse(text, "key", answer("correct horse"))).public_text() ==
          key.public_text());
    CHECK(id_of(SigningKey::parse(text, "key", answer("correct horsf"))) == "wrong-passphrase");
    CHECK(id_of(SigningKey::parse(text, "key", nobody_answers)) == "no-passphrase");
    CHECK(text.text().find(must(key.secret_text(nullptr)).text().substr(80)) ==
          std::string_view::npos);
}

TEST_CASE("a key without a passphrase asks for none, and a damaged one is refused") {
    const SigningKey key = must(SigningKey::generate());
    const std::string text(must(key.secret_text(nullptr)).text());
    CHECK(must(SigningKey::parse(secret_of(text), "key", nobody_answers)).public_text() ==
          key.public_text());
    const std::size_t start = text.find('\n') + 1;
    for (std::size_t length = 0; length < text.size() - 1; ++length)
        CHECK(id_of(SigningKey::parse(secret_of(text.substr(0, length)), "key", nobody_answers)) ==
              "bad-key");
    for (std::size_t at = start + 1; at < text.size() - 1; ++at) {
        std::string changed = text;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        const auto parsed = SigningKey::parse(secret_of(changed), "key", nobody_answers);
        // Salt and limits mean nothing in a key that is open.
        if (parsed.ok())
            CHECK(parsed->public_text() == key.public_text());
        else
            CHECK(to_text(parsed.error()).find(changed.substr(start, 20)) == std::string::npos);
    }
}

TEST_CASE("a secret key whose limits ask for too much is refused, not tried") {
    const SigningKey key = must(SigningKey::generate());
    const Secret open = must(key.secret_text(nullptr));
    const std::size_t start = open.text().find('\n') + 1;
    auto bytes = from_base64(open.text().substr(start, open.size() - start - 1), 158);
    REQUIRE(bytes.has_value());
    bytes->data()[2] = 'S';
    bytes->data()[3] = 'c';
    for (const std::size_t high_byte : {38 + 5, 46 + 5}) {
        ByteVector changed(bytes->bytes().begin(), bytes->bytes().end());
        changed[high_byte] = 1;
        CHECK(id_of(SigningKey::parse(
                  secret_of(fmt::format("untrusted comment: x\n{}\n", to_base64(changed))), "key",
                  answer("x"))) == "bad-key");
    }
}

TEST_CASE("P-256 keys in PEM sign and check, protected or not") {
    const Folder folder;
    const OpenFile file = folder.file("some data");
    const SigningKey key = p256_key("secret");
    CHECK(signature_suffix(key.algorithm()) == ".sig");
    const std::string signature = must(key.sign(file, "data"));
    CHECK(must(public_of(key).check(file, bytes_of(signature), "s")).empty());
    CHECK(id_of(public_of(p256_key()).check(file, bytes_of(signature), "s")) == "bad-signature");
    CHECK(id_of(public_of(key).check(folder.file("other", "other"), bytes_of(signature), "s")) ==
          "bad-signature");
}

TEST_CASE("keys of another kind are refused") {
    const auto pem = [](EVP_PKEY* made, bool secret) {
        const Owned<EVP_PKEY> key(made);
        const Owned<BIO> out(BIO_new(BIO_s_mem()));
        if (secret)
            PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                          nullptr);
        else
            PEM_write_bio_PUBKEY(out.get(), key.get());
        char* text = nullptr;
        const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &text));
        return std::string(text, size);
    };
    CHECK(id_of(PublicKey::parse(pem(EVP_EC_gen("P-384"), false), "k")) == "bad-key");
    CHECK(id_of(SigningKey::parse(secret_of(pem(EVP_EC_gen("P-384"), true)), "k",
                                  nobody_answers)) == "bad-key");
    CHECK(id_of(PublicKey::parse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                                 "k")) == "bad-key");
    for (const char* text :
         {"", "\n", "RW", "untrusted comment: x\n", "untrusted comment: x\nRW\n"})
        CHECK(id_of(PublicKey::parse(text, "k")) == "bad-key");
}

TEST_CASE("a key pair is written once: the secret half for its owner alone") {
    const Folder folder;
    const SigningKey key = must(SigningKey::generate());
    must(write_key_pair(key, folder.path("release"), nullptr));
    struct stat status {};
    REQUIRE(::stat(folder.path("release.key").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(must(read_public_key("release.pub", folder.directory.path())).id() ==
          public_of(key).id());
    CHECK(id_of(write_key_pair(key, folder.path("release"), nullptr)) == "key-exists");
    std::filesystem::remove(folder.path("release.key"));
    CHECK(id_of(write_key_pair(key, folder.path("release"), nullptr)) == "key-exists");
    CHECK_FALSE(std::filesystem::exists(folder.path("release.key")));
    std::filesystem::remove(folder.path("release.pub"));
    std::filesystem::create_symlink("nowhere", folder.path("release.pub"));
    CHECK(id_of(write_key_pair(key, folder.path("release"), nullptr)) == "key-exists");
}

TEST_CASE("a secret is read from a file of its owner alone, or from a variable that goes away") {
    const Folder folder;
    must(write_file(folder.path("secret"), std::string_view("text\nmore"), 0600));
    CHECK(must(read_passphrase({"secret", folder.directory.path()})).text() == "text");
    for (const unsigned mode : {0640U, 0604U, 0660U, 0777U}) {
        must(write_file(folder.path("secret"), std::string_view("text"), mode));
        CHECK(id_of(read_secret({"secret", folder.directory.path()}, "key")) == "key-permissions");
    }
    ::setenv("UNIK_TEST_SECRET", "hidden", 1);
    CHECK(must(read_secret({"env:UNIK_TEST_SECRET"}, "key")).text() == "hidden");
    CHECK(std::getenv("UNIK_TEST_SECRET") == nullptr);
    CHECK(id_of(read_secret({"env:UNIK_TEST_SECRET"}, "key")) == "no-secret");
    CHECK(id_of(read_secret({"env:"}, "key")) == "no-secret");
    must(write_file(folder.path("secret"), std::string_view("\n"), 0600));
    CHECK(id_of(read_passphrase({"secret", folder.directory.path()})) == "no-passphrase");
    must(write_file(folder.path("secret"), std::string(65 << 10, 'x'), 0600));
    CHECK(id_of(read_secret({"secret", folder.directory.path()}, "key")) == "file-too-large");
}

TEST_CASE("a key that is given in the place of its path is not repeated in the message") {
    const std::string text(must(must(SigningKey::generate()).secret_text(nullptr)).text());
    for (const std::string& given : {text, text.substr(text.find('\n') + 1, 212),
                                     std::string("-----BEGIN PRIVATE KEY-----secret")}) {
        const auto read = read_secret({given}, "signing key");
        CHECK(id_of(read) == "no-secret");
        CHECK(to_text(read.error()).find(given.substr(0, 20)) == std::string::npos);
    }
}

} // namespace
} // namespace unik::sign
