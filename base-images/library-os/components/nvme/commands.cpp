#include "commands.hpp"

namespace os::nvme {

const char* reason(std::uint16_t status) {
    struct Meaning {
        std::uint16_t status; // type and code (4.6.1)
        const char* text;
    };
    static constexpr Meaning k_meanings[] = {
        {0x281, "the medium cannot be read"},     {0x280, "the medium cannot be written"},
        {0x080, "the device has no such block"},  {0x120, "the medium is write-protected"},
        {0x020, "the medium is write-protected"},
    };
    for (const Meaning& meaning : k_meanings)
        if ((status & 0x7ff) == meaning.status)
            return meaning.text;
    return "the device reports an error";
}

} // namespace os::nvme
