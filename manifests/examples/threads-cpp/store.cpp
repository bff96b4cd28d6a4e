#include "store.hpp"

long parse_number(const std::string& text) {
    std::size_t used = 0;
    try {
        const long value = std::stol(text, &used);
        if (used == text.size())
            return value;
    } catch (const std::logic_error&) {}
    throw std::invalid_argument("not a number: " + text);
}

void Store::set(const std::string& key, const std::string& value) {
    std::lock_guard<std::mutex> lock(mutex_);
    values_[key] = value;
}

std::string Store::get(const std::string& key) const {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = values_.find(key);
    if (found == values_.end())
        throw NoSuchKey(key);
    return found->second;
}

void Store::remove(const std::string& key) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (values_.erase(key) == 0)
        throw NoSuchKey(key);
}

long Store::add(const std::string& key, long amount) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = values_.find(key);
    const long sum = (found == values_.end() ? 0 : parse_number(found->second)) + amount;
    values_[key] = std::to_string(sum);
    return sum;
}

std::size_t Store::size() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return values_.size();
}
