#include "initial_stack.hpp"

#include <foundation/types.hpp>

namespace os::linux_process {

namespace {

constexpr char k_platform[] = "x86_64";

std::size_t size_with_nul(const char* text) {
    return __builtin_strlen(text) + 1;
}

// Bytes of the strings and the words, before anything is written.
std::size_t size_of_strings(const StackContents& contents) {
    std::size_t size =
        sizeof(contents.random) + sizeof(k_platform) + size_with_nul(contents.program);
    for (const char* argument : contents.arguments)
        size += size_with_nul(argument);
    for (const char* variable : contents.variables)
        size += size_with_nul(variable);
    return size;
}

std::size_t count_of_words(const StackContents& contents) {
    constexpr std::size_t k_added = 4; // platform, random, program_name, null
    return 1 + contents.arguments.size() + 1 + contents.variables.size() + 1 +
           2 * (contents.auxiliary.size() + k_added);
}

// Writes upwards; the caller has made sure that everything fits.
class Writer {
public:
    Writer(MutableBytes memory, std::uint64_t address, std::size_t words_at, std::size_t strings_at)
        : memory_(memory), address_(address), words_at_(words_at), strings_at_(strings_at) {}

    void word(std::uint64_t value) {
        __builtin_memcpy(&memory_[words_at_], &value, sizeof(value));
        words_at_ += sizeof(value);
    }
    // The program's address of the copy.
    std::uint64_t bytes(const void* data, std::size_t size) {
        const std::uint64_t where = address_ + strings_at_;
        __builtin_memcpy(&memory_[strings_at_], data, size);
        strings_at_ += size;
        return where;
    }
    void strings(Span<const char* const> texts) {
        for (const char* text : texts)
            word(bytes(text, size_with_nul(text)));
        word(0);
    }
    void auxiliary(Auxiliary type, std::uint64_t value) {
        word(static_cast<std::uint64_t>(type));
        word(value);
    }

private:
    MutableBytes memory_;
    std::uint64_t address_;
    std::size_t words_at_;
    std::size_t strings_at_;
};

} // namespace

Result<std::uint64_t> build_initial_stack(MutableBytes memory, std::uint64_t address,
                                          const StackContents& contents) {
    const std::size_t strings = size_of_strings(contents);
    const std::size_t words = count_of_words(contents) * sizeof(std::uint64_t);
    constexpr std::size_t k_slack = 32; // for both alignments
    if (strings > memory.size() || words > memory.size() - strings ||
        memory.size() - strings - words < k_slack)
        return Errno::e2big;
    const std::uint64_t strings_address = align_down(address + memory.size() - strings, 16);
    const std::uint64_t stack_pointer = align_down(strings_address - words, 16);
    Writer writer(memory, address, stack_pointer - address, strings_address - address);
    const std::uint64_t random = writer.bytes(contents.random, sizeof(contents.random));
    const std::uint64_t platform = writer.bytes(k_platform, sizeof(k_platform));
    const std::uint64_t program = writer.bytes(contents.program, size_with_nul(contents.program));
    writer.word(contents.arguments.size());
    writer.strings(contents.arguments);
    writer.strings(contents.variables);
    for (const AuxiliaryEntry& entry : contents.auxiliary)
        writer.auxiliary(entry.type, entry.value);
    writer.auxiliary(Auxiliary::random, random);
    writer.auxiliary(Auxiliary::platform, platform);
    writer.auxiliary(Auxiliary::program_name, program);
    writer.auxiliary(Auxiliary::null, 0);
    return stack_pointer;
}

} // namespace os::linux_process
