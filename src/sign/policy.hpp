// Whose images may be used here: a YAML file with trusted keys by name and what must be signed.
//
//     keys:
//       release: keys/release.pub        # a path beside the policy, or the key itself
//       ci: RWQ…
//     require: signature                 # for what no rule names; or none
//     rules:                             # the first that fits decides
//       - names: [dev-*]
//         uses: [run]
//         require: none
//       - names: [web, api]
//         keys: [release]
//
// A name is that of the bundle's folder without ".unik", or of a file: what the user chose by
// naming it, not what an image claims of itself.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sign/trust.hpp>
#include <support/yaml_reader.hpp>

namespace unik::sign {

enum class Use { run, convert };

struct PolicyRule {
    std::vector<std::string> names; // patterns with * and ?
    std::vector<Use> uses{Use::run, Use::convert};
    bool signature = true;
    std::vector<std::string> keys; // empty: all
};

class Policy {
public:
    // Every problem of the file in one Error, with exit code 4.
    static Result<Policy> load(const std::filesystem::path& file);

    // The keys one of which must have signed; nothing when no signature is asked for.
    std::optional<std::vector<TrustedKey>> required_for(Use use, const std::string& name) const;
    // All of them.
    std::vector<TrustedKey> keys() const;
    const std::filesystem::path& file() const { return file_; }

private:
    std::vector<TrustedKey> select(const std::vector<std::string>& names) const;

    std::filesystem::path file_;
    std::map<std::string, PublicKey> keys_;
    bool signature_ = true;
    std::vector<PolicyRule> rules_;
};

// The policy that counts: the one named (--policy), $UNIK_POLICY's, the user's, the machine's.
// Nothing when there is none. One that is named and not there is an error, with exit code 4.
Result<std::optional<Policy>> find_policy(const std::string& named);

// The keys of a policy file, for its manual page.
struct PolicyKey {
    std::string path; // "rules[].names"
    YamlFieldInfo info;
};
std::vector<PolicyKey> policy_keys();

} // namespace unik::sign
