#include <arch/boot_info.hpp>
#include <control/control.hpp>
#include <foundation/format.hpp>
#include <foundation/own.hpp>
#include <interrupts/interrupts.hpp>
#include <memory/frames.hpp>
#include <virtio-mmio/virtio_mmio.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_mmio {

namespace {
// 4.2.2: registers.
enum class Register : unsigned {
    magic = 0x000,
    version = 0x004,
    device_type = 0x008,
    device_features = 0x010,
    device_features_select = 0x014,
    driver_features = 0x020,
    driver_features_select = 0x024,
    queue_select = 0x030,
    queue_limit = 0x034,
    queue_entries = 0x038,
    queue_ready = 0x044,
    queue_notify = 0x050,
    interrupt_status = 0x060,
    interrupt_acknowledge = 0x064,
    status = 0x070,
    queue_descriptors = 0x080,
    queue_available = 0x090,
    queue_used = 0x0a0,
    config_generation = 0x0fc,
    config = 0x100,
};
constexpr std::uint32_t k_magic = 0x74726976; // "virt"
constexpr std::uint32_t k_version = 2;
constexpr unsigned k_acknowledge_rounds = 16;
constexpr std::uint32_t k_cause_queue = 1;
constexpr std::uint32_t k_cause_configuration = 2;
constexpr std::uint64_t k_most_mapped = 1 << 20;

class MmioTransport final : public virtio::Transport {
public:
    MmioTransport(const Window& window, VirtAddr registers)
        : window_(window), registers_(registers) {}

    // enodev: an empty slot; eproto: something that this driver does not speak with.
    Result<void> probe() {
        char where[32];
        format(where, sizeof where, "MMIO 0x%llx",
               static_cast<unsigned long long>(window_.address.value));
        const std::uint32_t type = read(Register::device_type);
        if (read(Register::magic) != k_magic)
            return Errno::enodev;
        if (read(Register::version) != k_version) {
            control::warn("virtio-legacy",
                          "virtio device at %s speaks version %u of the MMIO layout, expected %u: "
                          "start QEMU with -global virtio-mmio.force-legacy=false",
                          where, read(Register::version), k_version);
            return Errno::eproto;
        }
        if (type == 0)
            return Errno::enodev;
        name(type, where);
        return {};
    }

    std::uint8_t status() override { return static_cast<std::uint8_t>(read(Register::status)); }
    void set_status(std::uint8_t status) override { write(Register::status, status); }

    std::uint64_t device_features() override {
        write(Register::device_features_select, 1);
        const std::uint64_t high = read(Register::device_features);
        write(Register::device_features_select, 0);
        return high << 32 | read(Register::device_features);
    }
    void set_driver_features(std::uint64_t features) override {
        write(Register::driver_features_select, 0);
        write(Register::driver_features, static_cast<std::uint32_t>(features));
        write(Register::driver_features_select, 1);
        write(Register::driver_features, static_cast<std::uint32_t>(features >> 32));
    }

    std::uint16_t queue_limit(std::uint16_t index) override {
        write(Register::queue_select, index);
        const std::uint32_t limit = read(Register::queue_limit);
        return static_cast<std::uint16_t>(limit < 32768 ? limit : 32768);
    }

    Result<void> enable_queue(std::uint16_t index, const virtio::QueueAddresses& queue) override {
        if (queue_limit(index) < queue.entries)
            return Errno::einval;
        write(Register::queue_entries, queue.entries);
        write_address(Register::queue_descriptors, queue.descriptors);
        write_address(Register::queue_available, queue.available);
        write_address(Register::queue_used, queue.used);
        write(Register::queue_ready, 1);
        return {};
    }

    void notify(std::uint16_t queue) override { write(Register::queue_notify, queue); }

    Result<void> read_config(unsigned offset, MutableBytes out) override {
        const std::uint64_t start = static_cast<unsigned>(Register::config) + offset;
        if (start > window_.size || out.size() > window_.size - start)
            return Errno::enxio;
        for (unsigned attempt = 0; attempt < 16; ++attempt) {
            const std::uint32_t before = read(Register::config_generation);
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = *(registers_ + start + i).as<volatile std::uint8_t>();
            if (read(Register::config_generation) == before)
                return {};
        }
        return Errno::eio;
    }

    Result<void> connect_interrupts(const virtio::InterruptHandlers& handlers) override {
        handlers_ = handlers;
        const std::uint8_t vector =
            UNIK_TRY(interrupts::allocate_vector(&MmioTransport::interrupt, this));
        return interrupts::route_gsi(window_.irq, vector, interrupts::Trigger::edge,
                                     interrupts::Polarity::active_high);
    }

private:
    volatile std::uint32_t& at(Register reg, unsigned offset = 0) const {
        return *(registers_ + static_cast<unsigned>(reg) + offset).as<volatile std::uint32_t>();
    }
    std::uint32_t read(Register reg) const { return at(reg); }
    void write(Register reg, std::uint32_t value) { at(reg) = value; }
    void write_address(Register reg, PhysAddr address) {
        at(reg) = static_cast<std::uint32_t>(address.value);
        at(reg, 4) = static_cast<std::uint32_t>(address.value >> 32);
    }

    // The line stays high until all causes are acknowledged, and only a rising edge interrupts.
    static void interrupt(void* argument) {
        auto& self = *static_cast<MmioTransport*>(argument);
        std::uint32_t seen = 0;
        for (unsigned i = 0; i < k_acknowledge_rounds; ++i) {
            const std::uint32_t causes = self.read(Register::interrupt_status);
            if (causes == 0)
                break;
            self.write(Register::interrupt_acknowledge, causes);
            seen |= causes;
        }
        if ((seen & k_cause_queue) != 0)
            self.handlers_.queue_used(self.handlers_.argument);
        if ((seen & k_cause_configuration) != 0)
            self.handlers_.configuration_changed(self.handlers_.argument);
    }

    Window window_;
    VirtAddr registers_;
    virtio::InterruptHandlers handlers_;
};

Result<void> offer(const Window& window) {
    if (window.size > k_most_mapped)
        return Errno::einval;
    const VirtAddr registers = UNIK_TRY(memory::map_device(window.address, window.size));
    auto transport = UNIK_TRY(try_make<MmioTransport>(window, registers));
    if (!transport->probe().ok())
        return {};
    // Even a driver that failed may have left its interrupt handler behind.
    if (devices::offer(*transport) != devices::Outcome::no_driver)
        (void)transport.release();
    return {};
}
} // namespace

Result<void> start() {
    const StringView command_line = arch::boot_info().command_line;
    std::size_t position = 0;
    unsigned malformed = 0;
    Window window;
    while (next_window(command_line, position, window, malformed))
        UNIK_TRY(offer(window));
    if (malformed > 0)
        control::warn("virtio-mmio-parameter",
                      "%u virtio_mmio.device parameters on the kernel command line are malformed: "
                      "expected SIZE@ADDRESS:IRQ",
                      malformed);
    return {};
}

} // namespace os::virtio_mmio
