// Policies: whose signatures count for what.
#include "testing.hpp"

#include <sign/policy.hpp>

namespace unik::sign {
namespace {

struct Rules {
    Folder folder;
    SigningKey release = must(SigningKey::generate());
    SigningKey ci = must(SigningKey::generate());

    Rules() {
        must(write_file(folder.path("release.pub"), release.public_text()));
        must(write_file(folder.path("ci.pub"), ci.public_text()));
    }
    Result<Policy> load(const std::string& text) const {
        must(write_file(folder.path("policy.yaml"), text));
        return Policy::load(folder.path("policy.yaml"));
    }
    // "release ci", "none needed", or "nobody".
    std::string wanted(const Policy& policy, Use use, const std::string& name) const {
        const auto keys = policy.required_for(use, name);
        if (!keys)
            return "none needed";
        std::string out;
        for (const TrustedKey& key : *keys)
            out += (out.empty() ? "" : " ") + key.name;
        return out.empty() ? "nobody" : out;
    }
    // The ids of all findings.
    std::string problems(const std::string& text) const {
        const auto loaded = load(text);
        if (loaded.ok())
            return "no error";
        CHECK(loaded.error().exit_code == ExitCode::verification_refused);
        std::string out;
        for (const Diagnostic& diagnostic : loaded.error().diagnostics)
            out += (out.empty() ? "" : " ") + diagnostic.id;
        return out;
    }
};

TEST_CASE("the first rule that fits a name and a use decides, and else every key counts") {
    const Rules rules;
    const Policy policy =
        must(rules.load("keys: {release: release.pub, ci: ci.pub}\n"
                        "rules:\n"
                        "  - {names: [dev-web], keys: [ci]}\n"
                        "  - {names: ['dev-*', 'a?'], uses: [run], require: none}\n"
                        "  - {names: [web, api], keys: [release]}\n"));
    CHECK(rules.wanted(policy, Use::run, "dev-web") == "ci");
    CHECK(rules.wanted(policy, Use::run, "dev-x") == "none needed");
    CHECK(rules.wanted(policy, Use::convert, "dev-x") == "ci release");
    CHECK(rules.wanted(policy, Use::run, "ab") == "none needed");
    CHECK(rules.wanted(policy, Use::run, "abc") == "ci release");
    CHECK(rules.wanted(policy, Use::convert, "api") == "release");
    CHECK(rules.wanted(policy, Use::run, "") == "ci release");
}

TEST_CASE("a policy that trusts nobody lets nobody through") {
    const Rules rules;
    CHECK(rules.wanted(must(rules.load("keys: {}\n")), Use::run, "web") == "nobody");
    const OpenFile file = rules.folder.file("data");
    CHECK(id_of(check_signature(file, {}, beside(rules.folder.path("data")))) == "no-signature");
}

TEST_CASE("everything that is wrong in a policy is said, and refuses") {
    const Rules rules;
    CHECK(rules.problems("") != "no error");
    CHECK(rules.problems("keys: {release: missing.pub}\n") == "file-error");
    CHECK(rules.problems("keys: {release: policy.yaml}\n") == "bad-key");
    CHECK(rules.problems("keys: {release: release.pub}\nrequire: all\n") == "bad-value");
    CHECK(rules.problems("keys: {release: release.pub}\nrule: []\n") == "unknown-key");
    CHECK(
        rules.problems("keys: {release: release.pub}\n"
                       "rules: [{names: [a], keys: [relaese]}, {uses: [walk]}, {names: [a], keys: "
                       "[]}]\n") == "unknown-key-name missing-key bad-value wrong-type");
    CHECK(rules.problems("- a\n") != "no error");
}

TEST_CASE("a policy that everybody may write to is refused") {
    const Rules rules;
    must(rules.load("keys: {release: release.pub}\n"));
    std::filesystem::permissions(rules.folder.path("policy.yaml"), std::filesystem::perms(0666));
    CHECK(id_of(Policy::load(rules.folder.path("policy.yaml"))) == "policy-permissions");
}

TEST_CASE("one of several keys is enough, and a changed file outweighs a strange signer") {
    const Rules rules;
    const Policy policy = must(rules.load("keys: {ci: ci.pub, release: release.pub}\n"));
    const auto file = rules.folder.path("data");
    const OpenFile first = rules.folder.file("first");
    must(write_file(file.string() + ".minisig", must(rules.release.sign(first, "data"))));
    CHECK(must(check_signature(first, policy.keys(), beside(file))).name == "release");
    const OpenFile second = rules.folder.file("second");
    CHECK(id_of(check_signature(second, policy.keys(), beside(file))) == "bad-signature");
    must(write_file(file.string() + ".minisig", std::string(70'000, 'x')));
    const auto oversized = check_signature(second, policy.keys(), beside(file));
    CHECK(id_of(oversized) == "file-too-large");
    CHECK(oversized.error().exit_code == ExitCode::verification_refused);
}

} // namespace
} // namespace unik::sign
