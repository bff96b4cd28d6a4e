#include <disk/containers/ova.hpp>

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include <support/text.hpp>

namespace unik::disk {
namespace {

// What CIM calls the controllers: the resource type, and the subtype for VMware and for the rest.
struct Controller {
    std::string_view name;
    unsigned type;
    std::string_view vmware;
    std::string_view others;
};

constexpr std::array k_controllers{
    Controller{"AHCI", 20, "vmware.sata.ahci", "AHCI"},
    Controller{"PIIX4", 5, "PIIX4", "PIIX4"},
    Controller{"lsilogic", 6, "lsilogic", "lsilogic"},
    Controller{"VirtualSCSI", 6, "VirtualSCSI", "VirtualSCSI"},
};

constexpr std::string_view k_head = R"(<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
)";

constexpr std::string_view k_vmdk_format =
    "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
        }
    }
    return out;
}

Result<const Controller*> find_controller(const std::string& name) {
    std::vector<std::string> known;
    for (const Controller& controller : k_controllers) {
        if (controller.name == name)
            return &controller;
        known.emplace_back(controller.name);
    }
    return make_error(
        "bad-value",
        fmt::format("unknown disk controller '{}' for an OVA, expected {}", name, listing(known)),
        did_you_mean(name, known));
}

// The children of an <Item>; the schema wants them in the order of their names.
using Item = std::map<std::string_view, std::string>;

std::string hardware(const std::vector<Item>& items) {
    std::string out;
    for (const Item& item : items) {
        out += "      <Item>\n";
        for (const auto& [key, value] : item)
            out += fmt::format("        <rasd:{0}>{1}</rasd:{0}>\n", key, escaped(value));
        out += "      </Item>\n";
    }
    return out;
}

std::vector<Item> items_of(const Appliance& appliance, const Controller& controller) {
    const bool vmware = appliance.system_type.starts_with("vmx");
    const std::uint64_t mebibytes = (appliance.memory.value + (1 << 20) - 1) >> 20;
    std::vector<Item> items{
        {{"ElementName", "CPUs"},
         {"InstanceID", "1"},
         {"ResourceType", "3"},
         {"VirtualQuantity", std::to_string(appliance.cpus)}},
        {{"AllocationUnits", "byte * 2^20"},
         {"ElementName", "Memory"},
         {"InstanceID", "2"},
         {"ResourceType", "4"},
         {"VirtualQuantity", std::to_string(mebibytes)}},
        {{"Address", "0"},
         {"ElementName", "Disk controller"},
         {"InstanceID", "3"},
         {"ResourceSubType", std::string(vmware ? controller.vmware : controller.others)},
         {"ResourceType", std::to_string(controller.type)}},
        {{"AddressOnParent", "0"},
         {"ElementName", "Disk"},
         {"HostResource", "ovf:/disk/vmdisk1"},
         {"InstanceID", "4"},
         {"Parent", "3"},
         {"ResourceType", "17"}},
    };
    if (!appliance.network_card.empty())
        items.push_back({{"AutomaticAllocation", "true"},
                         {"Connection", "network"},
                         {"ElementName", "Network card"},
                         {"InstanceID", "5"},
                         {"ResourceSubType", appliance.network_card},
                         {"ResourceType", "10"}});
    return items;
}

std::string product(const Appliance& appliance) {
    if (appliance.version.empty())
        return {};
    return fmt::format(R"(    <ProductSection>
      <Info>The application</Info>
      <Product>{}</Product>
      <Version>{}</Version>
    </ProductSection>
)",
                       escaped(appliance.name), escaped(appliance.version));
}

std::string network(const Appliance& appliance) {
    if (appliance.network_card.empty())
        return {};
    return R"(  <NetworkSection>
    <Info>The networks</Info>
    <Network ovf:name="network">
      <Description>The network that the machine is attached to</Description>
    </Network>
  </NetworkSection>
)";
}

// As wide as any number, so that the text around it keeps its place.
std::string padded(std::uint64_t value) {
    return fmt::format("{:<22}", fmt::format("\"{}\"", value));
}

} // namespace

Result<std::string> ovf_description(const Appliance& appliance, const OvfDisk& disk) {
    const Controller& controller = *UNIK_TRY(find_controller(appliance.disk_controller));
    const std::string name = escaped(appliance.name);
    std::string out(k_head);
    out += fmt::format(R"(  <References>
    <File ovf:href="{}" ovf:id="file1" ovf:size={}/>
  </References>
  <DiskSection>
    <Info>The disks</Info>
    <Disk ovf:capacity={} ovf:capacityAllocationUnits="byte" ovf:diskId="vmdisk1"
      ovf:fileRef="file1" ovf:format="{}"/>
  </DiskSection>
)",
                       escaped(disk.file_name), padded(disk.file_size), padded(disk.capacity),
                       k_vmdk_format);
    out += network(appliance);
    out += fmt::format(R"(  <VirtualSystem ovf:id="{0}">
    <Info>A unikernel image made by unik</Info>
    <Name>{0}</Name>
    <OperatingSystemSection ovf:id="102" vmw:osType="otherGuest64">
      <Info>The operating system</Info>
      <Description>Other 64-bit</Description>
    </OperatingSystemSection>
{1}    <VirtualHardwareSection>
      <Info>The hardware</Info>
      <System>
        <vssd:ElementName>Virtual hardware</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>{0}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>{2}</vssd:VirtualSystemType>
      </System>
{3}      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="{4}"/>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
)",
                       name, product(appliance), escaped(appliance.system_type),
                       hardware(items_of(appliance, controller)), escaped(appliance.firmware));
    return out;
}

} // namespace unik::disk
