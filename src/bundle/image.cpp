#include <bundle/bundle.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <bundle/contents.hpp>
#include <bundle/image_parser.hpp>
#include <bundle/strict_json.hpp>
#include <support/sha256.hpp>

namespace unik::bundle {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t k_largest_memory = 1ULL << 44;
constexpr std::string_view k_digest_prefix = "sha256:";

Error broken(const fs::path& file, std::string reason) {
    return make_error(
        "image-broken",
        fmt::format("'{}' is no record of an image: {}", file.string(), std::move(reason)),
        "build the bundle anew");
}

// Reads members of one object, each with the type it must have.
class Record {
public:
    Record(const json& object, const fs::path& file) : object_(object), file_(file) {}

    Result<std::string> text(const char* key) const {
        const json* value = find(key);
        if (value == nullptr || !value->is_string())
            return wrong(key, "a text");
        return value->get<std::string>();
    }
    Result<std::uint64_t> number(const char* key, std::uint64_t lowest,
                                 std::uint64_t highest) const {
        const json* value = find(key);
        if (value == nullptr || !value->is_number_unsigned() ||
            value->get<std::uint64_t>() < lowest || value->get<std::uint64_t>() > highest)
            return wrong(key, fmt::format("a number from {} to {}", lowest, highest));
        return value->get<std::uint64_t>();
    }
    Result<std::map<std::string, std::string>> texts(const char* key) const {
        const json* value = find(key);
        if (value == nullptr || !value->is_object())
            return wrong(key, "an object of texts");
        std::map<std::string, std::string> out;
        for (const auto& [name, member] : value->items()) {
            if (!member.is_string())
                return wrong(key, "an object of texts");
            out[name] = member.get<std::string>();
        }
        return out;
    }
    Result<const json*> list(const char* key) const {
        const json* value = find(key);
        if (value == nullptr || !value->is_array())
            return wrong(key, "a list");
        return value;
    }

private:
    const json* find(const char* key) const {
        if (!object_.is_object())
            return nullptr;
        const auto member = object_.find(key);
        return member == object_.end() ? nullptr : &*member;
    }
    Error wrong(const char* key, std::string expected) const {
        return broken(file_, fmt::format("'{}' must be {}", key, std::move(expected)));
    }

    const json& object_;
    const fs::path& file_;
};

// A file of the bundle itself: no way out of the folder.
bool is_plain_name(const std::string& name) {
    return !name.empty() && name.size() <= 255 && name[0] != '.' &&
           name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
}

bool is_digest(const std::string& text) {
    return text.size() == k_digest_prefix.size() + 2 * sizeof(Digest) &&
           text.starts_with(k_digest_prefix) &&
           text.find_first_not_of("0123456789abcdef", k_digest_prefix.size()) == std::string::npos;
}

Result<std::vector<unikfile::Port>> ports_of(const Record& record, const fs::path& file) {
    std::vector<unikfile::Port> ports;
    for (const json& item : *UNIK_TRY(record.list("expose"))) {
        const Record port(item, file);
        const std::uint64_t number = UNIK_TRY(port.number("port", 1, 65535));
        const std::string protocol = UNIK_TRY(port.text("protocol"));
        if (protocol != "tcp" && protocol != "udp")
            return broken(file, "'protocol' must be 'tcp' or 'udp'");
        ports.push_back({static_cast<std::uint16_t>(number),
                         protocol == "udp" ? unikfile::Protocol::udp : unikfile::Protocol::tcp});
    }
    return ports;
}

Result<Image> image_of(json document, const fs::path& file) {
    Image image;
    const Record record(document, file);
    if (!record.number("schema", 1, 1).ok())
        return broken(file, "expected an object with \"schema\": 1");
    image.name = UNIK_TRY(record.text("name"));
    image.version = UNIK_TRY(record.text("version"));
    image.language = UNIK_TRY(record.text("language"));
    image.memory = Bytes{UNIK_TRY(record.number("memory", 1, k_largest_memory))};
    image.cpus = static_cast<unsigned>(UNIK_TRY(record.number("cpus", 1, 255)));
    image.expose = UNIK_TRY(ports_of(record, file));
    image.disks = UNIK_TRY(record.texts("disks"));
    image.digests = UNIK_TRY(record.texts("digests"));
    image.document = std::move(document);
    return image;
}

Result<void> check_names(const Image& image, const fs::path& file) {
    for (const auto& [name, digest] : image.digests) {
        if (!is_plain_name(name) || name == "image.json" || is_signature_name(name))
            return broken(file,
                          fmt::format("'digests' names '{}', which is no file of a bundle", name));
        if (!is_digest(digest))
            return broken(file, fmt::format("the digest of '{}' is not 'sha256:' and 64 "
                                            "hexadecimal digits",
                                            name));
    }
    for (const auto& [target, name] : image.disks) {
        if (!image.digests.contains(name))
            return broken(file, fmt::format("the disk '{}' for '{}' has no digest", name, target));
    }
    if (!image.digests.contains("kernel.elf"))
        return broken(file, "'kernel.elf' has no digest");
    return {};
}

} // namespace

Result<Image> parse_image(std::string_view text, const fs::path& file) {
    Image image = UNIK_TRY(image_of(UNIK_TRY(parse_strictly(text, file.string())), file));
    UNIK_TRY(check_names(image, file));
    return image;
}

Result<Image> open(const fs::path& bundle) {
    const fs::path file = bundle / "image.json";
    std::error_code status;
    if (fs::symlink_status(file, status).type() == fs::file_type::not_found)
        return make_error(
            "no-bundle",
            fmt::format("'{}' is not a bundle: it holds no image.json", bundle.string()),
            "'unik build' makes one");
    const std::string text = UNIK_TRY(read_text_file(file, k_largest_record));
    Image image = UNIK_TRY(parse_image(text, file));
    for (const auto& [name, digest] : image.digests) {
        if (fs::symlink_status(bundle / name, status).type() != fs::file_type::regular)
            return broken(file, fmt::format("it names '{}', which is not a file here", name));
    }
    return image;
}

Result<void> verify(const Image& image, const fs::path& bundle) {
    Error error{{}, ExitCode::verification_refused};
    for (const auto& [name, expected] : image.digests) {
        const Digest found = UNIK_TRY(sha256_file(bundle / name));
        if (std::string(k_digest_prefix) + to_hex(found) == expected)
            continue;
        Diagnostic diagnostic;
        diagnostic.id = "digest-mismatch";
        diagnostic.message = fmt::format("'{}' is not the file that was built: expected {}, found "
                                         "sha256:{}",
                                         (bundle / name).string(), expected, to_hex(found));
        diagnostic.hint = "build the bundle anew, or fetch it again";
        error.diagnostics.push_back(std::move(diagnostic));
    }
    if (!error.diagnostics.empty())
        return error;
    return {};
}

} // namespace unik::bundle
