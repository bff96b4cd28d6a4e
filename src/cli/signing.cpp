#include <cli/signing.hpp>

namespace unik::cli {

namespace fs = std::filesystem;

Result<fs::path> sign_beside(const fs::path& file, const sign::SigningKey& key) {
    const OpenFile open = UNIK_TRY(OpenFile::open(file));
    const std::string signature = UNIK_TRY(key.sign(open, file.filename().string()));
    fs::path path = file.string() + std::string(sign::signature_suffix(key.algorithm()));
    UNIK_TRY(write_file(path, signature));
    return path;
}

} // namespace unik::cli
