// Feeds the reader of EFI programs and of their signatures with anything: it must answer with
// values or an Error, and stay within the input. What it can hash it can also give a signature.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <sign/authenticode.hpp>
#include <sign/efi_variables.hpp>
#include <sign/pe_file.hpp>
#include <sign/secure_boot_keys.hpp>

namespace {

using namespace unik;

const sign::Certificate& certificate() {
    static const auto made = [] {
        const auto key = sign::make_certified_key("fuzzer", 1'700'000'000);
        const std::string& text = key->certificate;
        return sign::Certificate::parse(
            {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "certificate");
    }();
    return made.value();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes{data, size};
    const auto checked = sign::check_program(bytes, "input", certificate());
    if (!checked.ok() && checked.error().diagnostics.empty())
        std::abort();
    const sign::SecureBootVariables variables{ByteVector(10), ByteVector(10), ByteVector(10)};
    static_cast<void>(sign::enroll(bytes, variables, 0).ok());
    const auto program = sign::PeFile::parse(bytes, "input");
    if (!program.ok())
        return 0;
    static_cast<void>(program->certificates().ok());
    const ByteVector signed_program = program->with_certificate(ByteVector(100));
    const auto again = sign::PeFile::parse(signed_program, "input");
    const ByteVector bare = program->without_certificates();
    const auto unsigned_again = sign::PeFile::parse(bare, "input");
    if (!again.ok() || !unsigned_again.ok() || again->digest() != unsigned_again->digest() ||
        again->certificates()->size() != 1)
        std::abort();
    return 0;
}
