#include <disk/qcow2.hpp>

#include <algorithm>
#include <bit>

#include <disk/formats.hpp>

namespace unik::disk {
namespace {

// Small clusters keep a small image small; large ones keep a large image's tables small.
constexpr unsigned k_small_cluster_bits = 12;
constexpr unsigned k_large_cluster_bits = 16;
constexpr std::uint64_t k_small_content = 64ULL << 20;

constexpr std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

// Where everything lies in the file, in clusters.
struct Plan {
    unsigned cluster_bits = 0;
    std::vector<std::uint64_t> data; // guest clusters that are not zeros, ascending
    std::vector<std::uint64_t> l2;   // the L1 slots that they need, ascending
    std::uint64_t l1_entries = 0;
    std::uint64_t refcount_table_clusters = 0;
    std::uint64_t refcount_blocks = 0;
    std::uint64_t l1_clusters = 0;

    std::uint64_t cluster() const { return 1ULL << cluster_bits; }
    std::uint64_t table_entries() const { return cluster() / 8; }
    std::uint64_t refcounts_per_block() const { return cluster() / 2; }
    std::uint64_t first_refcount_block() const { return 1 + refcount_table_clusters; }
    std::uint64_t first_l1() const { return first_refcount_block() + refcount_blocks; }
    std::uint64_t first_l2() const { return first_l1() + l1_clusters; }
    std::uint64_t first_data() const { return first_l2() + l2.size(); }
    std::uint64_t clusters() const { return first_data() + data.size(); }
};

unsigned cluster_bits_for(const Layout& layout) {
    std::uint64_t content = 0;
    for (const Extent& extent : layout.extents())
        content += extent.bytes.size();
    return content <= k_small_content ? k_small_cluster_bits : k_large_cluster_bits;
}

bool all_zeros(ByteSpan bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

void plan_data(const Layout& layout, Plan& plan) {
    ByteVector cluster(plan.cluster());
    std::uint64_t next = 0;
    for (const Extent& extent : layout.extents()) {
        const std::uint64_t end = divide_up(extent.offset + extent.bytes.size(), plan.cluster());
        for (next = std::max(next, extent.offset / plan.cluster()); next < end; ++next) {
            layout.read(next * plan.cluster(), cluster);
            if (all_zeros(cluster))
                continue;
            plan.data.push_back(next);
            const std::uint64_t slot = next / plan.table_entries();
            if (plan.l2.empty() || plan.l2.back() != slot)
                plan.l2.push_back(slot);
        }
    }
}

// The refcount structures count themselves too, hence the search for a fixed point.
void plan_refcounts(Plan& plan) {
    for (;;) {
        const std::uint64_t blocks = divide_up(plan.clusters(), plan.refcounts_per_block());
        const std::uint64_t table = divide_up(blocks, plan.table_entries());
        if (blocks == plan.refcount_blocks && table == plan.refcount_table_clusters)
            return;
        plan.refcount_blocks = blocks;
        plan.refcount_table_clusters = table;
    }
}

Plan make_plan(const Layout& layout) {
    Plan plan;
    plan.cluster_bits = cluster_bits_for(layout);
    plan_data(layout, plan);
    const std::uint64_t guest_clusters = divide_up(layout.size().value, plan.cluster());
    plan.l1_entries = divide_up(guest_clusters, plan.table_entries());
    plan.l1_clusters = divide_up(plan.l1_entries, plan.table_entries());
    plan_refcounts(plan);
    return plan;
}

Result<void> write_header(const Layout& layout, const Plan& plan, AtomicFile& file) {
    Qcow2Header header{};
    header.magic = k_qcow2_magic;
    header.version = 3;
    header.cluster_bits = plan.cluster_bits;
    header.size = layout.size().value;
    header.l1_size = static_cast<std::uint32_t>(plan.l1_entries);
    header.l1_table_offset = plan.first_l1() * plan.cluster();
    header.refcount_table_offset = plan.cluster();
    header.refcount_table_clusters = static_cast<std::uint32_t>(plan.refcount_table_clusters);
    header.refcount_order = 4;
    header.header_length = sizeof header;
    // The header extensions behind it are ended by zeros, which a hole is.
    return file.write_at(0, {reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
}

Result<void> write_table(const Plan& plan, std::uint64_t first_cluster,
                         const std::vector<Be64>& entries, AtomicFile& file) {
    return file.write_at(
        first_cluster * plan.cluster(),
        {reinterpret_cast<const std::uint8_t*>(entries.data()), entries.size() * sizeof(Be64)});
}

Result<void> write_refcounts(const Plan& plan, AtomicFile& file) {
    std::vector<Be64> table(plan.refcount_blocks);
    for (std::uint64_t i = 0; i < table.size(); ++i)
        table[i] = (plan.first_refcount_block() + i) * plan.cluster();
    UNIK_TRY(write_table(plan, 1, table, file));
    const std::vector<vocabulary::Be16> ones(plan.clusters(), vocabulary::Be16(1));
    return file.write_at(plan.first_refcount_block() * plan.cluster(),
                         {reinterpret_cast<const std::uint8_t*>(ones.data()), ones.size() * 2});
}

Result<void> write_mapping(const Plan& plan, AtomicFile& file) {
    std::vector<Be64> l1(plan.l1_entries);
    std::vector<Be64> l2(plan.table_entries());
    std::size_t data = 0;
    for (std::size_t i = 0; i < plan.l2.size(); ++i) {
        l1[plan.l2[i]] = k_qcow2_copied | (plan.first_l2() + i) * plan.cluster();
        std::fill(l2.begin(), l2.end(), Be64(0));
        for (; data < plan.data.size() && plan.data[data] / plan.table_entries() == plan.l2[i];
             ++data)
            l2[plan.data[data] % plan.table_entries()] =
                k_qcow2_copied | (plan.first_data() + data) * plan.cluster();
        UNIK_TRY(write_table(plan, plan.first_l2() + i, l2, file));
    }
    return write_table(plan, plan.first_l1(), l1, file);
}

} // namespace

Result<void> write_qcow2(const Layout& layout, AtomicFile& file) {
    const Plan plan = make_plan(layout);
    UNIK_TRY(file.resize(Bytes{plan.clusters() * plan.cluster()}));
    UNIK_TRY(write_header(layout, plan, file));
    UNIK_TRY(write_refcounts(plan, file));
    UNIK_TRY(write_mapping(plan, file));
    ByteVector cluster(plan.cluster());
    for (std::size_t i = 0; i < plan.data.size(); ++i) {
        layout.read(plan.data[i] * plan.cluster(), cluster);
        UNIK_TRY(file.write_at((plan.first_data() + i) * plan.cluster(), cluster));
    }
    return {};
}

} // namespace unik::disk
