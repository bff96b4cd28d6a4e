#include <doctest/doctest.h>

#include <optional>

#include <scsi/host.hpp>

using namespace os;

namespace {

// Answers at once, or never.
class FakeHost final : public scsi::Host {
public:
    FakeHost() : Host("00:04.0") {}

    std::size_t most_bytes() const override { return 65536; }
    unsigned target_count() const override { return 1; }

    bool silent = false;
    std::optional<Errno> refusal;
    bool comes_up = true;
    int starts = 0;
    int stops = 0;
    block::RequestSlots places{[](void*) {}, nullptr};

private:
    block::RequestSlots& slots() override { return places; }
    Result<void> submit(unsigned slot, const scsi::Command&) override {
        if (refusal)
            return *refusal;
        if (!silent)
            CHECK(places.answer(slot));
        return {};
    }
    scsi::Answer read_answer(unsigned, const scsi::Command&) const override {
        scsi::Answer answer;
        answer.delivery = silent ? scsi::Delivery::lost : scsi::Delivery::answered;
        return answer;
    }
    Result<void> bring_up() override {
        ++starts;
        return comes_up ? Result<void>() : Errno::enodev;
    }
    void stop() override {
        ++stops;
        places.fail_all();
    }
};

} // namespace

TEST_CASE("a host that answers is asked as often as one likes") {
    FakeHost host;
    for (unsigned i = 0; i < 2 * block::RequestSlots::k_most; ++i)
        CHECK(host.execute({}).value().delivery == scsi::Delivery::answered);
    CHECK(host.starts == 0);
}

TEST_CASE("a command that cannot be handed over leaves its place to others") {
    FakeHost host;
    host.places.set_count(1);
    host.refusal = Errno::enospc;
    CHECK(host.execute({}).error() == Errno::enospc);
    host.refusal.reset();
    CHECK(host.execute({}).ok());
}

TEST_CASE("a silent host is started again, and given up once that is too often") {
    FakeHost host;
    host.silent = true;
    for (int i = 1; i <= 5; ++i) {
        CHECK(host.execute({}).value().delivery == scsi::Delivery::silence);
        CHECK(host.starts == i);
    }
    CHECK(host.stops == 0);
    CHECK(host.execute({}).error() == Errno::eio);
    CHECK(host.starts == 5);
    CHECK(host.stops == 1);
    host.silent = false;
    CHECK(host.execute({}).error() == Errno::eio);
}

TEST_CASE("a host that does not come up again is given up at once") {
    FakeHost host;
    host.silent = true;
    host.comes_up = false;
    CHECK(host.execute({}).error() == Errno::eio);
    CHECK(host.stops == 1);
}
