// An ISO 9660 image (ECMA-119) that boots from a CD under BIOS and UEFI (El Torito 1.0; UEFI 2.10,
// section 13.3.2.1), and from a USB stick or disk too: it is the disk itself, byte for byte, with
// the CD's structures in the gap that every disk of ours has (disk.hpp). ISO 9660 leaves its first
// 32 KiB to others; ours hold the MBR, the GPT and the second stage.
//
//     block (2 KiB)
//     0 to 15     MBR, GPT, BIOS boot partition          "system area"
//     16          primary volume descriptor
//     17          boot record descriptor: where the boot catalogue is
//     18          the descriptors' end
//     19          boot catalogue: for a BIOS block 25, for UEFI the EFI system partition
//     20, 21      path tables, little- and big-endian
//     22 to 24    directories /, /EFI, /EFI/BOOT: the kernel is a file that lies in the partition,
//                 and what El Torito boots has names too
//     25          the MBR's code once more, told that sectors have 2,048 bytes
//     32 to end   EFI system partition, the GPT's backup
//
// Without the gap's content it is the disk again.
#pragma once

#include <disk/formats.hpp>

namespace unik::disk {

// Takes disks that unik made. Errors: broken-image.
Result<void> write_iso(Content& disk, const WriteOptions& options, AtomicFile& file);

// Any ISO 9660 image that is not, as others' hybrids may be, a disk image in the first place.
Result<bool> is_iso(Content& file);
// The disk in an image that unik made. Errors: broken-image, unsupported-image.
Result<ContentPtr> open_iso(ContentPtr file);

} // namespace unik::disk
