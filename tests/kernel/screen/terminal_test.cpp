#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <screen/terminal.hpp>

namespace {

class Paper : public os::screen::Surface {
public:
    Paper(unsigned columns, unsigned rows) : rows_(rows, std::string(columns, ' ')) {}
    void show(unsigned row, unsigned column, char character) override {
        rows_.at(row).at(column) = character;
        ++shown;
    }
    // The rows without the blanks at their ends, each closed by '|'.
    std::string text() const {
        std::string out;
        for (std::string row : rows_) {
            row.erase(row.find_last_not_of(' ') + 1);
            out += row + '|';
        }
        return out;
    }
    unsigned shown = 0;

private:
    std::vector<std::string> rows_;
};

struct Screen {
    Screen(unsigned columns, unsigned rows) : paper(columns, rows) {
        terminal->initialise(paper, columns, rows);
    }
    std::string after(std::string_view text) {
        terminal->write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
        return paper.text();
    }
    Paper paper;
    std::unique_ptr<os::screen::Terminal> terminal = std::make_unique<os::screen::Terminal>();
};

} // namespace

TEST_CASE("text goes from left to right and wraps only when more comes") {
    Screen screen(5, 3);
    CHECK(screen.after("abcde") == "abcde|||");
    CHECK(screen.after("f\ng") == "abcde|f|g|");
}

TEST_CASE("a full screen moves up and keeps its last lines") {
    Screen screen(4, 3);
    CHECK(screen.after("1\n2\n3\n4") == "2|3|4|");
    Screen large(4, 8);
    CHECK(large.after("1\n2\n3\n4\n5\n6\n7\n8\n9") == "3|4|5|6|7|8|9||");
}

TEST_CASE("carriage return, backspace and tab move the cursor") {
    CHECK(Screen(12, 1).after("abc\rX") == "Xbc|");
    CHECK(Screen(12, 1).after("abc\b\bX") == "aXc|");
    CHECK(Screen(12, 1).after("\b\ba\tb") == "a       b|");
    CHECK(Screen(4, 1).after("a\tb") == "a  b|");
}

TEST_CASE("escape sequences and control characters are not shown") {
    CHECK(Screen(12, 1).after("\x1b[1;31mred\x1b[0m \x1b"
                              "cok\x07") == "red ok|");
}

TEST_CASE("a character outside ASCII is one question mark") {
    CHECK(Screen(12, 1).after("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9a\x80") == "gr?? ? ?|");
}

TEST_CASE("cells that stay the same are not shown again") {
    Screen screen(4, 2);
    screen.after("a\na");
    const unsigned before = screen.paper.shown;
    screen.after("\n");
    CHECK(screen.paper.shown == before + 1); // the lower one went blank
}

TEST_CASE("a screen larger than there is room for uses a part of itself") {
    Screen screen(500, 200);
    const std::string text = screen.after(std::string(161, 'x'));
    CHECK(text.substr(0, 163) == std::string(160, 'x') + "|x|");
}
