// Small services on text: suggestions for misspelt words, lists for messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unik {

// The candidate nearest to word by edit distance, or empty when none is near enough to be meant.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// "did you mean 'memory'?", or empty.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// "a, b and c".
std::string listing(std::span<const std::string> words, std::string_view conjunction = "and");

} // namespace unik
