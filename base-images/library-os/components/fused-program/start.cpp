// The last start step: the program in the image takes over.
#include "program_image.hpp"

extern "C" {
extern const vocabulary::ImageHeader unik_image;
extern const vocabulary::SegmentRecord unik_segments[];
}

namespace os::fused_program {

Result<void> start();

Result<void> start() {
    const Span<const vocabulary::SegmentRecord> segments(unik_segments, unik_image.segment_count);
    return linux_process::run_program(
        UNIK_TRY(load_program(unik_image, segments, linux_process::random_number())));
}

} // namespace os::fused_program
