#include <control/control.hpp>
#include <foundation/own.hpp>
#include <pci/function.hpp>

#include "namespace.hpp"

namespace os::nvme {

Result<void> attach(Device& device);

namespace {

constexpr unsigned k_register_bar = 0;
constexpr std::size_t k_most_namespaces = 32;

// What lives as long as the machine: the controller with its registers, and interrupts that go to
// it.
struct Attached {
    Attached(pci::Function& pci_function, VirtAddr base, const Capabilities& capabilities)
        : function(pci_function), registers(base),
          controller({registers, capabilities, cut_off, this}) {}

    static void interrupt(void* self) { static_cast<Attached*>(self)->controller.collect(); }
    static void cut_off(void* self) {
        pci::ConfigSpace& space = static_cast<Attached*>(self)->function.space();
        const std::uint16_t command = space.read16(pci::k_command);
        space.write16(pci::k_command,
                      static_cast<std::uint16_t>(command & ~pci::k_command_bus_master));
    }

    pci::Function& function;
    MappedRegisters registers;
    Controller controller;
};

Result<void> attach_namespace(pci::Function& function, Controller& controller, std::uint32_t id) {
    const Result<NamespaceIdentity> identity = controller.identify_namespace(id);
    if (identity.ok() && identity.value().sectors == 0)
        return {};
    if (!identity.ok()) {
        control::warn("disk-unusable", "namespace %u of the disk at %.*s is not used: %s", id,
                      static_cast<int>(function.place().size()), function.place().data(),
                      identity.error() == Errno::eopnotsupp
                          ? "its blocks have metadata or an unusual size"
                          : "its description makes no sense");
        return {};
    }
    auto disk = UNIK_TRY(try_make<Namespace>(controller, id, identity.value()));
    UNIK_TRY(block::register_device(*disk, "nvme"));
    (void)disk.release();
    return {};
}

} // namespace

Result<void> attach(Device& device) {
    auto& function = static_cast<pci::Function&>(device);
    function.enable();
    MappedRegisters first(UNIK_TRY(function.map(k_register_bar, 0, k_first_doorbell)));
    const Capabilities capabilities = UNIK_TRY(
        parse_capabilities(first.read32(k_capabilities_low), first.read32(k_capabilities_high)));
    const VirtAddr base = UNIK_TRY(function.map(
        k_register_bar, 0, capabilities.completions_doorbell(1) + sizeof(std::uint32_t)));
    auto made = UNIK_TRY(try_make<Attached>(function, base, capabilities));
    Attached& attached = *made.release(); // its interrupt handler stays, whatever comes
    // Without an interrupt there still is the looking now and then.
    (void)function.connect_interrupt(&Attached::interrupt, &attached);
    UNIK_TRY(attached.controller.start());

    std::uint32_t ids[k_most_namespaces];
    const std::size_t count = UNIK_TRY(attached.controller.list_namespaces(ids));
    for (const std::uint32_t id : Span<std::uint32_t>(ids).part(0, count))
        UNIK_TRY(attach_namespace(function, attached.controller, id));
    return {};
}

} // namespace os::nvme
