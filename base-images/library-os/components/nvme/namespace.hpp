// A namespace: a disk behind the controller.
#pragma once

#include "controller.hpp"

namespace os::nvme {

class Namespace final : public block::BlockDevice {
public:
    Namespace(Controller& controller, std::uint32_t id, const NamespaceIdentity& identity)
        : controller_(controller), id_(id), identity_(identity),
          most_bytes_(controller.identity().most_bytes),
          write_cache_(controller.identity().write_cache) {}

    std::uint32_t sector_size() const override { return identity_.sector_size; }
    std::uint64_t sector_count() const override { return identity_.sectors; }
    block::Access access() const override { return identity_.access; }
    std::size_t most_bytes() const override { return most_bytes_; }
    Result<void> transfer(block::Direction direction, std::uint64_t sector,
                          MutableBytes buffer) override;
    Result<void> flush() override;

private:
    Controller& controller_;
    const std::uint32_t id_;
    const NamespaceIdentity identity_;
    const std::size_t most_bytes_;
    const bool write_cache_;
};

} // namespace os::nvme
