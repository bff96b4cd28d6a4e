#include <cli/commands.hpp>

#include <array>
#include <ctime>

#include <fmt/format.h>

#include <cli/terminal.hpp>
#include <sign/secure_boot_keys.hpp>
#include <sign/source_date.hpp>

namespace unik::cli {
namespace {

constexpr Bytes k_largest_store{16 << 20};
constexpr const char* k_empty_store = "/usr/share/OVMF/OVMF_VARS_4M.fd";

Result<void> make_keys(const Invocation& invocation) {
    const std::string path = invocation.value("variables");
    auto store = read_file(path, k_largest_store);
    if (!store.ok()) {
        Error error = store.error();
        error.exit_code = ExitCode::missing_tool;
        error.diagnostics[0].hint =
            "install it: apt-get install ovmf; or name an empty variable store with --variables";
        return error;
    }
    return sign::write_secure_boot_keys(invocation.value("output"), store.value(),
                                        sign::source_date().value_or(std::time(nullptr)));
}

int secure_boot_command(const Invocation& invocation) {
    if (const auto made = make_keys(invocation); !made.ok())
        return report(made.error());
    print(fmt::format("keys: PK, KEK and db in {0} (keep the .key files to yourself)\n"
                      "variable store with them, Secure Boot on: {0}/variables.fd\n",
                      invocation.value("output")));
    return 0;
}

constexpr std::array k_secure_boot_options{
    Option{.name = "output",
           .letter = 'o',
           .kind = ValueKind::directory,
           .value_name = "DIR",
           .description = "The folder to write to; it is made where it is not there. None of the "
                          "files may be there.",
           .fallback = "secure-boot"},
    Option{.name = "variables",
           .kind = ValueKind::file,
           .value_name = "FILE",
           .description = "The firmware's variable store without keys, which is copied.",
           .fallback = k_empty_store},
};
constexpr std::array k_secure_boot_examples{
    Example{"unik secure-boot-keys -o keys", "make all that is needed to try Secure Boot"},
    Example{"unik build --secure-boot-key keys/db.key --secure-boot-cert keys/db.crt",
            "build an image that boots with these keys"},
};

constexpr std::string_view k_secure_boot_sections = R"(# FILES
PK owns the machine, KEK may change what is trusted, db signs what boots. Of each: NAME.key (RSA with
2048 bits, PEM, mode 0600, without passphrase), NAME.crt and NAME.cer (its certificate in PEM and DER),
NAME.esl (the UEFI signature list with it), NAME.auth (the list as a signed update, which firmware
takes: PK by itself, KEK by PK, db by KEK).

variables.fd is a variable store for OVMF with all three enrolled and Secure Boot on. QEMU takes it
beside OVMF_CODE_4M.secboot.fd, on the machine q35 with smm=on:

-drive if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd -drive
if=pflash,unit=1,format=raw,file=variables.fd -global driver=cfi.pflash01,property=secure,value=on

On a real machine, enroll db.cer, KEK.cer and PK.cer in the firmware's setup, or the .auth files.)";

} // namespace

constinit const CommandSpecification k_secure_boot_command{
    .name = "secure-boot-keys",
    .summary = "make keys for UEFI Secure Boot and a variable store with them",
    .description = "Makes a set of keys of your own for Secure Boot, for local runs and for "
                   "machines that you own.",
    .options = k_secure_boot_options,
    .examples = k_secure_boot_examples,
    .sections = k_secure_boot_sections,
    .action = secure_boot_command};

} // namespace unik::cli
