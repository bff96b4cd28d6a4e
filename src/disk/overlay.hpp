// A content with some of its bytes replaced, and on more or less space: how a disk is moved to a
// larger one or into an ISO image, and back, without a copy.
#pragma once

#include <disk/layout.hpp>

namespace unik::disk {

// The pieces lie over the base; their size is the whole's. Where there is neither, zeros.
ContentPtr overlay(ContentPtr base, Layout pieces);

} // namespace unik::disk
