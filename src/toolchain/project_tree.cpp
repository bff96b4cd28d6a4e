#include <toolchain/project_tree.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>

#include <support/file.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr int k_depth_limit = 5;
constexpr std::size_t k_file_limit = 50'000;
constexpr std::array k_left_out{".git", ".hg", ".svn", "CMakeFiles", "node_modules"};

bool is_left_out(const std::string& folder) {
    return folder.ends_with(".unik") ||
           std::find(k_left_out.begin(), k_left_out.end(), folder) != k_left_out.end();
}

bool is_library(const std::string& name) {
    return name.ends_with(".so") || name.find(".so.") != std::string::npos;
}

} // namespace

std::vector<std::string> project_files(const fs::path& folder) {
    std::vector<std::string> files;
    std::error_code status;
    fs::recursive_directory_iterator entries(folder, fs::directory_options::skip_permission_denied,
                                             status);
    for (; !status && entries != fs::recursive_directory_iterator(); entries.increment(status)) {
        const std::string name = entries->path().filename().string();
        std::error_code ignored;
        const fs::file_type type = entries->symlink_status(ignored).type();
        if (type == fs::file_type::directory &&
            (is_left_out(name) || entries.depth() >= k_depth_limit))
            entries.disable_recursion_pending();
        if (type == fs::file_type::regular)
            files.push_back(entries->path().lexically_relative(folder).generic_string());
        if (files.size() >= k_file_limit)
            break;
    }
    std::sort(files.begin(), files.end());
    return files;
}

// The System V ABI's ELF header: e_ident, e_type at 16, e_entry at 24.
bool is_executable(const fs::path& file) {
    constexpr unsigned k_executable = 2;
    constexpr unsigned k_shared = 3;
    std::array<char, 32> header{};
    std::ifstream stream(file, std::ios::binary);
    if (!stream.read(header.data(), header.size()) || std::string_view(header.data(), 4) != "\x7f"
                                                                                            "ELF")
        return false;
    const bool big_endian = header[5] == 2;
    const auto type = static_cast<unsigned char>(header[big_endian ? 17 : 16]);
    const std::span<const char> entry = std::span(header).subspan(24, header[4] == 1 ? 4 : 8);
    const bool has_entry = std::any_of(entry.begin(), entry.end(), [](char c) { return c != 0; });
    if (type == k_executable)
        return true;
    return type == k_shared && has_entry && !is_library(file.filename().string());
}

std::vector<std::string> executables_in(const fs::path& folder) {
    std::vector<std::string> files = project_files(folder);
    std::erase_if(files, [&](const std::string& file) { return !is_executable(folder / file); });
    return files;
}

} // namespace unik::toolchain
