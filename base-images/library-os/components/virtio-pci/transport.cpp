#include <foundation/own.hpp>
#include <interrupts/interrupts.hpp>
#include <pci/function.hpp>
#include <virtio-pci/virtio_pci.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_pci {

namespace {
// 4.1.4.3: the common configuration structure.
struct Common {
    std::uint32_t device_feature_select;
    std::uint32_t device_feature;
    std::uint32_t driver_feature_select;
    std::uint32_t driver_feature;
    std::uint16_t config_vector;
    std::uint16_t queue_count;
    std::uint8_t status;
    std::uint8_t config_generation;
    std::uint16_t queue_select;
    std::uint16_t queue_size;
    std::uint16_t queue_vector;
    std::uint16_t queue_enable;
    std::uint16_t queue_notify_offset;
    std::uint32_t descriptors[2];
    std::uint32_t available[2];
    std::uint32_t used[2];
};
static_assert(sizeof(Common) == 56);

// Entries of the MSI-X table.
constexpr std::uint16_t k_queue_entry = 0;
constexpr std::uint16_t k_configuration_entry = 1;
constexpr std::uint16_t k_no_entry = 0xffff;
// 4.1.4.5: causes in the interrupt status register, which reading clears.
constexpr std::uint8_t k_cause_queue = 1;
constexpr std::uint8_t k_cause_configuration = 2;
constexpr unsigned k_most_queues = 8;
constexpr unsigned k_subsystem = 0x2e;

void store_address(volatile std::uint32_t (&out)[2], PhysAddr address) {
    out[0] = static_cast<std::uint32_t>(address.value);
    out[1] = static_cast<std::uint32_t>(address.value >> 32);
}

class PciTransport final : public virtio::Transport {
public:
    explicit PciTransport(pci::Function& function) : function_(function) {}

    Result<void> map(unsigned type) {
        name(type, function_.place().data());
        function_.enable();
        auto& space = function_.space();
        const Location common = UNIK_TRY(find_structure(space, Structure::common));
        if (common.size < sizeof(Common))
            return Errno::enodev;
        common_ = UNIK_TRY(function_.map(common.bar, common.offset, sizeof(Common)))
                      .as<volatile Common>();
        notify_at_ = UNIK_TRY(find_structure(space, Structure::notify));
        notify_ = UNIK_TRY(function_.map(notify_at_.bar, notify_at_.offset, notify_at_.size));
        const Result<Location> device = find_structure(space, Structure::device);
        if (device.ok()) {
            config_ = UNIK_TRY(
                function_.map(device.value().bar, device.value().offset, device.value().size));
            config_size_ = device.value().size;
        }
        return {};
    }

    std::uint8_t status() override { return common_->status; }
    void set_status(std::uint8_t status) override { common_->status = status; }

    std::uint64_t device_features() override {
        common_->device_feature_select = 1;
        const std::uint64_t high = common_->device_feature;
        common_->device_feature_select = 0;
        return high << 32 | common_->device_feature;
    }
    void set_driver_features(std::uint64_t features) override {
        common_->driver_feature_select = 0;
        common_->driver_feature = static_cast<std::uint32_t>(features);
        common_->driver_feature_select = 1;
        common_->driver_feature = static_cast<std::uint32_t>(features >> 32);
    }

    std::uint16_t queue_limit(std::uint16_t index) override {
        if (index >= common_->queue_count || index >= k_most_queues)
            return 0;
        common_->queue_select = index;
        return common_->queue_size;
    }

    Result<void> enable_queue(std::uint16_t index, const virtio::QueueAddresses& queue) override {
        if (queue_limit(index) < queue.entries)
            return Errno::einval;
        const std::uint64_t offset =
            static_cast<std::uint64_t>(common_->queue_notify_offset) * notify_at_.notify_multiplier;
        if (offset + sizeof(std::uint16_t) > notify_at_.size)
            return Errno::enxio;
        notify_address_[index] = notify_ + offset;
        common_->queue_size = queue.entries;
        common_->queue_vector = queue_entry_;
        if (common_->queue_vector != queue_entry_)
            return Errno::enospc;
        store_address(common_->descriptors, queue.descriptors);
        store_address(common_->available, queue.available);
        store_address(common_->used, queue.used);
        common_->queue_enable = 1;
        return {};
    }

    void notify(std::uint16_t queue) override {
        *notify_address_[queue].as<volatile std::uint16_t>() = queue;
    }

    Result<void> read_config(unsigned offset, MutableBytes out) override {
        if (offset > config_size_ || out.size() > config_size_ - offset)
            return Errno::enxio;
        for (unsigned attempt = 0; attempt < 16; ++attempt) {
            const std::uint8_t before = common_->config_generation;
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = *(config_ + offset + i).as<volatile std::uint8_t>();
            if (common_->config_generation == before)
                return {};
        }
        return Errno::eio;
    }

    Result<void> connect_interrupts(const virtio::InterruptHandlers& handlers) override {
        handlers_ = handlers;
        std::uint16_t configuration_entry = k_no_entry;
        const bool separate =
            connect_entry(k_configuration_entry, handlers.configuration_changed, handlers.argument)
                .ok();
        if ((separate ? connect_entry(k_queue_entry, handlers.queue_used, handlers.argument)
                      : connect_entry(k_queue_entry, &PciTransport::any_cause, this))
                .ok()) {
            queue_entry_ = k_queue_entry;
            configuration_entry = separate ? k_configuration_entry : k_queue_entry;
        } else {
            UNIK_TRY(connect_status());
        }
        common_->config_vector = configuration_entry;
        if (common_->config_vector != configuration_entry) // the device has no room for it
            return Errno::enospc;
        return {};
    }

private:
    Result<void> connect_entry(std::uint16_t entry, interrupts::Handler handler, void* argument) {
        if (!function_.has_msix_entry(entry))
            return Errno::enodev;
        const std::uint8_t vector = UNIK_TRY(interrupts::allocate_vector(handler, argument));
        return function_.route_msix(entry, vector);
    }

    // For a table with a single entry.
    static void any_cause(void* argument) {
        const auto& self = *static_cast<PciTransport*>(argument);
        self.handlers_.queue_used(self.handlers_.argument);
        self.handlers_.configuration_changed(self.handlers_.argument);
    }

    // Without MSI-X there is one interrupt for all, and a register that tells why it came.
    Result<void> connect_status() {
        const Location status = UNIK_TRY(find_structure(function_.space(), Structure::isr));
        interrupt_status_ = UNIK_TRY(function_.map(status.bar, status.offset, 1));
        return function_.connect_interrupt(&PciTransport::interrupt, this);
    }

    static void interrupt(void* argument) {
        const auto& self = *static_cast<PciTransport*>(argument);
        const std::uint8_t causes = *self.interrupt_status_.as<volatile std::uint8_t>();
        if ((causes & k_cause_queue) != 0)
            self.handlers_.queue_used(self.handlers_.argument);
        if ((causes & k_cause_configuration) != 0)
            self.handlers_.configuration_changed(self.handlers_.argument);
    }

    pci::Function& function_;
    volatile Common* common_ = nullptr;
    Location notify_at_;
    VirtAddr notify_;
    VirtAddr config_;
    std::uint32_t config_size_ = 0;
    virtio::InterruptHandlers handlers_;
    std::uint16_t queue_entry_ = k_no_entry;
    VirtAddr interrupt_status_;
    VirtAddr notify_address_[k_most_queues] = {};
};
} // namespace

Result<void> attach(Device& device) {
    auto& function = static_cast<pci::Function&>(device);
    const unsigned type = device_type(function.device_id(), function.space().read16(k_subsystem));
    if (type == 0)
        return Errno::enodev;
    auto transport = UNIK_TRY(try_make<PciTransport>(function));
    UNIK_TRY(transport->map(type));
    // Even a driver that failed may have left its interrupt handler behind.
    if (devices::offer(*transport) != devices::Outcome::no_driver)
        (void)transport.release();
    return {};
}

} // namespace os::virtio_pci
