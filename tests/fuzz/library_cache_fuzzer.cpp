// Feeds the reader of /etc/ld.so.cache with anything: what it reads can be written, and reads the
// same then.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <toolchain/library_cache.hpp>
#include <toolchain/loader.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace unik::toolchain;
    const unik::ByteSpan bytes(data, size);
    const LibraryCache cache = read_library_cache(bytes);
    if (read_library_cache(write_library_cache(cache)) != cache)
        std::abort();
    const Loader loader = describe_loader("/lib64/ld-linux-x86-64.so.2", bytes);
    if (loader.folders.empty())
        std::abort();
    return 0;
}
