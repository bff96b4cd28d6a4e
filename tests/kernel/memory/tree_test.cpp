#include <foundation/tree.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

namespace {

struct Number : os::TreeNode<> {
    int value = 0;
    int serial = 0;
    int below = 0; // members of the subtree
};
struct NumberOrder {
    static bool before(const Number& a, const Number& b) { return a.value < b.value; }
};
struct NumberCount {
    static bool update(Number& at, const Number* left, const Number* right) {
        const int before = at.below;
        at.below = 1 + (left != nullptr ? left->below : 0) + (right != nullptr ? right->below : 0);
        return at.below != before;
    }
};
using Numbers = os::Tree<Number, NumberOrder, NumberCount>;

// Height of the subtree; fails where it is out of balance, badly linked or badly counted.
int checked_height(const Number* at) {
    if (at == nullptr)
        return 0;
    const Number* left = Numbers::left(*at);
    const Number* right = Numbers::right(*at);
    for (const Number* child : {left, right})
        if (child != nullptr)
            REQUIRE(child->parent == at);
    const int left_height = checked_height(left);
    const int right_height = checked_height(right);
    REQUIRE(std::abs(left_height - right_height) <= 1);
    REQUIRE(at->height == 1 + std::max(left_height, right_height));
    REQUIRE(at->below ==
            1 + (left != nullptr ? left->below : 0) + (right != nullptr ? right->below : 0));
    return at->height;
}

void check_same(const Numbers& tree, const std::vector<Number*>& expected) {
    checked_height(tree.root());
    const Number* at = tree.first();
    for (const Number* wanted : expected) {
        REQUIRE(at == wanted);
        at = Numbers::next(*at);
    }
    REQUIRE(at == nullptr);
    at = tree.last();
    for (auto wanted = expected.rbegin(); wanted != expected.rend(); ++wanted) {
        REQUIRE(at == *wanted);
        at = Numbers::previous(*at);
    }
    REQUIRE(at == nullptr);
}

} // namespace

TEST_CASE("an empty tree has no first, last or matching member") {
    Numbers tree;
    CHECK(tree.empty());
    CHECK(tree.first() == nullptr);
    CHECK(tree.last() == nullptr);
    CHECK(tree.first_where([](const Number&) { return true; }) == nullptr);
}

TEST_CASE("ascending insertion keeps the tree low") {
    Numbers tree;
    std::vector<std::unique_ptr<Number>> numbers;
    for (int i = 0; i < 1023; ++i) {
        numbers.push_back(std::make_unique<Number>());
        numbers.back()->value = i;
        tree.insert(*numbers.back());
    }
    CHECK(checked_height(tree.root()) == 10);
}

TEST_CASE("random insertions and removals keep order, balance and summaries") {
    std::mt19937 random(1);
    Numbers tree;
    std::vector<std::unique_ptr<Number>> pool;
    std::vector<Number*> inside; // in the tree's order
    int serial = 0;
    for (int step = 0; step < 4000; ++step) {
        const bool add = inside.empty() || random() % 100 < (step < 2000 ? 65U : 35U);
        if (add) {
            pool.push_back(std::make_unique<Number>());
            Number* fresh = pool.back().get();
            fresh->value = static_cast<int>(random() % 200); // many equals
            fresh->serial = serial++;
            tree.insert(*fresh);
            const auto place = std::upper_bound(
                inside.begin(), inside.end(), fresh,
                [](const Number* a, const Number* b) { return a->value < b->value; });
            inside.insert(place, fresh);
        } else {
            const auto victim = inside.begin() + static_cast<long>(random() % inside.size());
            tree.remove(**victim);
            CHECK_FALSE((*victim)->linked());
            inside.erase(victim);
        }
        if (step % 16 == 0)
            check_same(tree, inside);
    }
    check_same(tree, inside);
}

TEST_CASE("first_where finds the border of a condition") {
    Numbers tree;
    Number numbers[50];
    for (int i = 0; i < 50; ++i) {
        numbers[i].value = i * 10;
        tree.insert(numbers[i]);
    }
    for (int border = -5; border < 500; ++border) {
        const Number* found =
            tree.first_where([border](const Number& at) { return at.value >= border; });
        const int expected = border <= 0 ? 0 : (border + 9) / 10 * 10;
        if (expected > 490)
            CHECK(found == nullptr);
        else
            CHECK(found->value == expected);
    }
}
