// Names and their values, shared by all threads.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

struct NoSuchKey : std::runtime_error {
    explicit NoSuchKey(const std::string& key) : std::runtime_error("no such key: " + key) {}
};

long parse_number(const std::string& text); // throws std::invalid_argument

class Store {
public:
    void set(const std::string& key, const std::string& value);
    std::string get(const std::string& key) const; // throws NoSuchKey
    void remove(const std::string& key);           // throws NoSuchKey
    // Adds to a value that is a number, or to 0; throws std::invalid_argument.
    long add(const std::string& key, long amount);
    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string> values_;
};
