#include <sign/policy.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <support/text.hpp>
#include <support/yaml.hpp>

namespace unik::sign {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_largest_policy{1 << 20};

struct Draft {
    std::vector<std::pair<std::string, std::string>> keys;
    bool signature = true;
    std::vector<PolicyRule> rules;
};

// Into `value` the one of the words that the node is; anything else is reported.
template <typename T, std::size_t count>
void read_word(YamlReader& reader, const YamlNode& node,
               const std::array<std::pair<std::string_view, T>, count>& words, T& value) {
    const auto text = reader.text(node);
    if (!text)
        return;
    std::vector<std::string> known;
    for (const auto& [word, meaning] : words) {
        if (word == *text)
            value = meaning;
        known.emplace_back(word);
    }
    if (std::find(known.begin(), known.end(), *text) == known.end())
        reader.report(node, "bad-value",
                      fmt::format("expected {}, found '{}'", listing(known, "or"), *text),
                      did_you_mean(*text, known));
}

constexpr std::array<std::pair<std::string_view, bool>, 2> k_requirements{
    {{"signature", true}, {"none", false}}};
constexpr std::array<std::pair<std::string_view, Use>, 2> k_uses{
    {{"run", Use::run}, {"convert", Use::convert}}};

void read_uses(YamlReader& reader, const YamlNode& node, PolicyRule& rule) {
    if (node.kind != YamlNode::Kind::sequence) {
        reader.report_type(node, "a list of uses", "write it as '[run, convert]'");
        return;
    }
    rule.uses.clear();
    for (const YamlNode& element : node.sequence) {
        Use use = Use::run;
        read_word(reader, element, k_uses, use);
        rule.uses.push_back(use);
    }
}

// An empty list would read as "nobody" and mean "all".
void read_rule_keys(YamlReader& reader, const YamlNode& node, PolicyRule& rule) {
    rule.keys = reader.text_list(node);
    if (node.kind == YamlNode::Kind::sequence && node.sequence.empty())
        reader.report(node, "wrong-type", "expected at least one key, found an empty list",
                      "leave it out for all keys, or write 'require: none'");
}

constexpr YamlField<PolicyRule> k_rule_fields[] = {
    {{.key = "names",
      .type = "list of patterns",
      .presence = Presence::required,
      .description = "What the rule is for: the name of a bundle's folder without '.unik', or of "
                     "a file. * stands for any characters, ? for one.",
      .example = "[web, dev-*]"},
     text_list_into<&PolicyRule::names>},
    {{.key = "uses",
      .type = "list of uses",
      .fallback = "[run, convert]",
      .description = "Which commands the rule is for.",
      .example = "[run]"},
     read_uses},
    {{.key = "require",
      .type = "requirement",
      .fallback = "signature",
      .description = "signature: by one of the keys; none: anything is taken.",
      .example = "none"},
     [](YamlReader& reader, const YamlNode& node, PolicyRule& rule) {
         read_word(reader, node, k_requirements, rule.signature);
     }},
    {{.key = "keys",
      .type = "list of names",
      .fallback = "all",
      .description = "The names of the keys that count here.",
      .example = "[release]"},
     read_rule_keys},
};

void read_rules(YamlReader& reader, const YamlNode& node, Draft& draft) {
    if (node.kind != YamlNode::Kind::sequence) {
        reader.report_type(node, "a list of rules", "write it as '- {names: [dev-*], …}'");
        return;
    }
    for (const YamlNode& element : node.sequence) {
        PolicyRule rule;
        reader.read_fields(element, std::span<const YamlField<PolicyRule>>(k_rule_fields), rule);
        draft.rules.push_back(std::move(rule));
    }
}

constexpr YamlField<Draft> k_fields[] = {
    {{.key = "keys",
      .type = "keys by name",
      .presence = Presence::required,
      .description = "The public keys that are trusted, each under a name of your choice: the path "
                     "of its file, relative to the policy, or minisign's line that begins with RW.",
      .example = "{release: release.pub}"},
     [](YamlReader& reader, const YamlNode& node, Draft& draft) {
         draft.keys = reader.text_map(node);
     }},
    {{.key = "require",
      .type = "requirement",
      .fallback = "signature",
      .description = "For what no rule names. signature: by one of the keys; none: anything is "
                     "taken.",
      .example = "signature"},
     [](YamlReader& reader, const YamlNode& node, Draft& draft) {
         read_word(reader, node, k_requirements, draft.signature);
     }},
    {{.key = "rules",
      .type = "list of rules",
      .description = "Exceptions. The first that fits a name and a use decides."},
     read_rules},
};

// Rules may only name keys that there are: a misspelt one would trust nobody, or look as if.
void check_key_names(YamlReader& reader, const YamlNode& root, const Draft& draft) {
    std::vector<std::string> known;
    for (const auto& [name, text] : draft.keys)
        known.push_back(name);
    const YamlNode* rules = root.find("rules");
    if (rules == nullptr)
        return;
    for (const YamlNode& rule : rules->sequence) {
        const YamlNode* keys = rule.find("keys");
        if (keys == nullptr)
            continue;
        for (const YamlNode& key : keys->sequence)
            if (std::find(known.begin(), known.end(), key.scalar) == known.end())
                reader.report(key, "unknown-key-name",
                              fmt::format("no key has the name '{}'", key.scalar),
                              did_you_mean(key.scalar, known));
    }
}

Error refused(Error error) {
    error.exit_code = ExitCode::verification_refused;
    return error;
}

Result<Draft> read_draft(const OpenFile& file) {
    struct stat status {};
    if (::fstat(file.descriptor(), &status) == 0 && (status.st_mode & S_IWOTH) != 0)
        return make_error("policy-permissions",
                          fmt::format("everybody may write to the policy '{}'", file.name()),
                          fmt::format("check what it says, then 'chmod o-w {}'", file.name()));
    const ByteVector text = UNIK_TRY(file.read_all(k_largest_policy));
    const YamlDocument document =
        UNIK_TRY(parse_yaml(file.name(), std::string(text.begin(), text.end())));
    YamlReader reader(document);
    Draft draft;
    reader.read_fields(document.root, std::span<const YamlField<Draft>>(k_fields), draft);
    check_key_names(reader, document.root, draft);
    UNIK_TRY(reader.finish());
    return draft;
}

bool fits(const PolicyRule& rule, Use use, const std::string& name) {
    return std::find(rule.uses.begin(), rule.uses.end(), use) != rule.uses.end() &&
           std::any_of(rule.names.begin(), rule.names.end(), [&](const std::string& pattern) {
               return ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
           });
}

std::optional<fs::path> usual_place() {
    std::vector<fs::path> places;
    for (const auto& [variable, below] : {std::pair{"XDG_CONFIG_HOME", ""}, {"HOME", ".config"}}) {
        const char* value = std::getenv(variable);
        if (value == nullptr || !fs::path(value).is_absolute())
            continue;
        places.push_back(fs::path(value) / below / "unik/policy.yaml");
        break;
    }
    places.emplace_back("/etc/unik/policy.yaml");
    for (const fs::path& place : places) {
        std::error_code status;
        // Anything but "not there" counts: a policy that cannot be read must not be passed over.
        if (fs::symlink_status(place, status).type() != fs::file_type::not_found)
            return place;
    }
    return std::nullopt;
}

} // namespace

Result<Policy> Policy::load(const fs::path& path) {
    const auto file = OpenFile::open(path);
    if (!file.ok())
        return refused(file.error());
    auto draft = read_draft(file.value());
    if (!draft.ok())
        return refused(draft.error());
    Policy policy;
    policy.file_ = path;
    policy.signature_ = draft->signature;
    policy.rules_ = std::move(draft->rules);
    Error problems{{}, ExitCode::verification_refused};
    for (const auto& [name, text] : draft->keys) {
        auto key = read_public_key(text, path.parent_path());
        if (key.ok())
            policy.keys_.emplace(name, std::move(key).value());
        else
            problems.diagnostics.push_back(key.error().diagnostics.at(0));
    }
    if (!problems.diagnostics.empty())
        return problems;
    return policy;
}

std::vector<TrustedKey> Policy::select(const std::vector<std::string>& names) const {
    std::vector<TrustedKey> selected;
    for (const auto& [name, key] : keys_)
        if (names.empty() || std::find(names.begin(), names.end(), name) != names.end())
            selected.push_back({name, &key});
    return selected;
}

std::vector<TrustedKey> Policy::keys() const {
    return select({});
}

std::optional<std::vector<TrustedKey>> Policy::required_for(Use use,
                                                            const std::string& name) const {
    const auto rule = std::find_if(rules_.begin(), rules_.end(), [&](const PolicyRule& candidate) {
        return fits(candidate, use, name);
    });
    if (rule == rules_.end())
        return signature_ ? std::optional(select({})) : std::nullopt;
    return rule->signature ? std::optional(select(rule->keys)) : std::nullopt;
}

Result<std::optional<Policy>> find_policy(const std::string& named) {
    const char* variable = std::getenv("UNIK_POLICY");
    std::optional<fs::path> place;
    if (!named.empty())
        place = named;
    else if (variable != nullptr && *variable != '\0')
        place = variable;
    else
        place = usual_place();
    if (!place)
        return std::optional<Policy>();
    return std::optional<Policy>(UNIK_TRY(Policy::load(*place)));
}

std::vector<PolicyKey> policy_keys() {
    std::vector<PolicyKey> out;
    for (const auto& field : k_fields)
        out.push_back({std::string(field.info.key), field.info});
    for (const auto& field : k_rule_fields)
        out.push_back({fmt::format("rules[].{}", field.info.key), field.info});
    return out;
}

} // namespace unik::sign
