#include <cli/convert_names.hpp>

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include <disk/formats.hpp>

namespace unik::cli {
namespace {

TEST_CASE("the formats of the option are those of the table") {
    std::vector<std::string> offered;
    std::string rest(k_convert_formats);
    for (std::size_t bar = 0; bar != std::string::npos;) {
        bar = rest.find('|');
        offered.push_back(rest.substr(0, bar));
        rest.erase(0, bar + 1);
    }
    std::vector<std::string> known;
    for (const disk::Format& format : disk::formats())
        known.emplace_back(format.name);
    std::sort(offered.begin(), offered.end());
    std::sort(known.begin(), known.end());
    CHECK(offered == known);
}

TEST_CASE("the output stands beside the input") {
    CHECK(output_beside("disk.qcow2", "vdi") == "disk.vdi");
    CHECK(output_beside("a/b/web.unik", "ova") == "a/b/web.ova");
    CHECK(output_beside("a/b/web.unik/", "ova") == "a/b/web.ova");
    CHECK(output_beside("./x/../web.unik/.", "ova") == "web.ova");
    CHECK(output_beside("image.tar.gz", "raw") == "image.raw");
    CHECK(output_beside("disk", "tar.gz") == "disk.tar.gz");
    CHECK(output_beside("v1.2.vmdk", "vhd") == "v1.2.vhd");
    CHECK(output_beside(".hidden", "raw") == ".hidden.raw");
}

} // namespace
} // namespace unik::cli
