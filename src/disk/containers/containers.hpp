// The functions that the table of formats is made of, one group per container.
#pragma once

#include <disk/formats.hpp>

namespace unik::disk {

Result<void> write_raw(Content& content, const WriteOptions& options, AtomicFile& file);

Result<void> write_qcow2(Content& content, const WriteOptions& options, AtomicFile& file);
Result<bool> is_qcow2(Content& file);
Result<ContentPtr> open_qcow2(ContentPtr file);

Result<void> write_vmdk_sparse(Content& content, const WriteOptions& options, AtomicFile& file);
Result<void> write_vmdk_stream(Content& content, const WriteOptions& options, AtomicFile& file);
Result<bool> is_vmdk(Content& file);
Result<bool> is_vmdk_stream(Content& file);
Result<ContentPtr> open_vmdk(ContentPtr file);

Result<void> write_vdi(Content& content, const WriteOptions& options, AtomicFile& file);
Result<bool> is_vdi(Content& file);
Result<ContentPtr> open_vdi(ContentPtr file);

Result<void> write_vhd(Content& content, const WriteOptions& options, AtomicFile& file);
Result<void> write_vhd_fixed(Content& content, const WriteOptions& options, AtomicFile& file);
Result<bool> is_vhd(Content& file);
Result<bool> is_vhd_fixed(Content& file);
Result<ContentPtr> open_vhd(ContentPtr file);
Result<ContentPtr> open_vhd_fixed(ContentPtr file);

Result<void> write_vhdx(Content& content, const WriteOptions& options, AtomicFile& file);
Result<bool> is_vhdx(Content& file);
Result<ContentPtr> open_vhdx(ContentPtr file);

Result<void> write_ova(Content& content, const WriteOptions& options, AtomicFile& file);
Result<bool> is_ova(Content& file);
Result<ContentPtr> open_ova(ContentPtr file);

Result<void> write_gce(Content& content, const WriteOptions& options, AtomicFile& file);
Result<bool> is_gce(Content& file);
Result<ContentPtr> open_gce(ContentPtr file);

} // namespace unik::disk
