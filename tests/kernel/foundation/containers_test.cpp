#include <string>

#include <doctest/doctest.h>
#include <foundation/list.hpp>
#include <foundation/lock.hpp>
#include <foundation/own.hpp>
#include <foundation/span.hpp>
#include <foundation/vector.hpp>

#include "stand_ins.hpp"

namespace {

struct Member : os::ListNode<> {
    explicit Member(int number) : value(number) {}
    int value;
};

std::string contents(os::List<Member>& list) {
    std::string text;
    list.for_each([&](Member& member) { text += static_cast<char>('0' + member.value); });
    return text;
}

class Counted : public os::RefCounted {
public:
    explicit Counted(int& deaths) : deaths_(deaths) {}
    ~Counted() override { ++deaths_; }

private:
    int& deaths_;
};

} // namespace

TEST_CASE("a list keeps order and lets the visitor remove what it visits") {
    os::List<Member> list;
    Member one(1);
    Member two(2);
    Member three(3);
    CHECK(list.front() == nullptr);
    list.push_back(two);
    list.push_back(three);
    list.push_front(one);
    CHECK(contents(list) == "123");
    CHECK(list.next(three) == nullptr);
    list.for_each([&](Member& member) {
        if (member.value == 2)
            os::List<Member>::remove(member);
    });
    CHECK(contents(list) == "13");
    CHECK_THROWS_AS(list.push_back(one), host::Panic);
    CHECK(list.pop_front() == &one);
    CHECK(list.pop_front() == &three);
    CHECK(list.pop_front() == nullptr);
    CHECK(list.empty());
}

TEST_CASE("a vector grows, erases in order and fails when memory is exhausted") {
    const std::size_t before = host::living_blocks();
    {
        os::Vector<int> numbers;
        for (int i = 0; i < 100; ++i)
            REQUIRE(numbers.push(i).ok());
        numbers.erase(50);
        CHECK(numbers.size() == 99);
        CHECK(numbers[50] == 51);
        CHECK_THROWS_AS(static_cast<void>(numbers[99]), host::Panic);
        host::limit_allocations(0);
        CHECK(numbers.reserve(100000).error() == os::Errno::enomem);
        host::unlimited_memory();
        CHECK(numbers.reserve(SIZE_MAX / 2).error() == os::Errno::enomem);
        CHECK(numbers.size() == 99);
        REQUIRE(numbers.resize(200).ok());
        CHECK(numbers[199] == 0);
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("the last reference ends a counted object, through a base class too") {
    int deaths = 0;
    {
        os::Ref<os::RefCounted> base;
        {
            os::Result<os::Ref<Counted>> made = os::try_make_ref<Counted>(deaths);
            REQUIRE(made.ok());
            base = made.value();
        }
        CHECK(deaths == 0);
    }
    CHECK(deaths == 1);
    host::limit_allocations(0);
    CHECK(os::try_make_ref<Counted>(deaths).error() == os::Errno::enomem);
    host::unlimited_memory();
}

TEST_CASE("a vector that grows one by one moves its members seldom") {
    struct Moved {
        Moved() = default;
        Moved(Moved&& other) noexcept : moves(other.moves + 1) {}
        unsigned moves = 0;
    };
    os::Vector<Moved> vector;
    for (std::size_t size = 1; size <= 1000; ++size) {
        REQUIRE(vector.grow(size).ok());
        CHECK(vector.size() == size);
    }
    CHECK(vector[0].moves <= 11);
}

TEST_CASE("parts of spans and texts are clamped, elements are checked") {
    const os::StringView text = "key=value";
    CHECK(text.part(4) == "value");
    CHECK(text.part(20).empty());
    CHECK(text.part(3, 1) == "=");
    CHECK(text.find('=') == 3);
    CHECK(text.find('#') == os::StringView::npos);
    CHECK(text.starts_with("key"));
    CHECK_FALSE(os::StringView("ke").starts_with("key"));
    CHECK(text.ends_with("value"));
    CHECK_THROWS_AS(static_cast<void>(text[9]), host::Panic);
}

TEST_CASE("guarded data is reached under its lock") {
    os::Guarded<int> number(os::LockRank::devices, 41);
    CHECK(number.with([](int& value) { return ++value; }) == 42);
}
