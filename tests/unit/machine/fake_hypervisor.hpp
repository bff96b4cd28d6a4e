// A hypervisor that only pretends: the test program itself, started again with $UNIK_QEMU pointing
// to it and $UNIK_FAKE_GUEST naming what the guest does (the table in fake_hypervisor.cpp).
#pragma once

#include <string>
#include <vector>

#include <machine/machine.hpp>
#include <support/file.hpp>

namespace unik::machine::test {

// A bundle and a run-time folder of its own; the environment is put back at the end.
struct FakeRun {
    explicit FakeRun(const std::string& guest);
    ~FakeRun();

    Outcome run();
    // What the listener was told.
    const nlohmann::json* event(const std::string& name) const;
    bool folder_is_empty() const; // nothing left of the run

    TemporaryDirectory folder;
    RunOptions options;
    manifests::Target target;
    manifests::Hardware machine;
    manifests::Hardware firmware;
    manifests::Hardware controller;
    manifests::Hardware card;
    std::string output;
    std::string errors;
    std::vector<nlohmann::json> events;
    std::function<void(const nlohmann::json&)> on_event;
};

} // namespace unik::machine::test
