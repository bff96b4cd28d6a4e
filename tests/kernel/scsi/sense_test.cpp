#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include <scsi/sense.hpp>

using namespace os;
using namespace os::scsi;

namespace {

Answer check_condition(int key, int code, int qualifier) {
    Answer answer;
    answer.delivery = Delivery::answered;
    answer.status = 2;
    answer.sense_size = 18;
    answer.sense[0] = 0x70;
    answer.sense[2] = static_cast<std::uint8_t>(key);
    answer.sense[12] = static_cast<std::uint8_t>(code);
    answer.sense[13] = static_cast<std::uint8_t>(qualifier);
    return answer;
}

Answer status(int value) {
    Answer answer;
    answer.delivery = Delivery::answered;
    answer.status = static_cast<std::uint8_t>(value);
    return answer;
}

std::string text(const Answer& answer) {
    char buffer[64];
    describe(answer, buffer, sizeof buffer);
    return buffer;
}

} // namespace

TEST_CASE("sense data is read in both formats, however little came") {
    const std::uint8_t fixed[18] = {0xf0, 0, 0x63, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11, 0x04};
    CHECK(decode_sense(fixed).key == 3);
    CHECK(decode_sense(fixed).code == 0x11);
    CHECK(decode_sense(fixed).qualifier == 4);
    const std::uint8_t described[8] = {0x72, 0x05, 0x20, 0x01};
    CHECK(decode_sense(described).key == 5);
    CHECK(decode_sense(described).code == 0x20);
    CHECK(decode_sense(described).qualifier == 1);
    CHECK(decode_sense(Bytes(fixed, 13)).code == 0);
    CHECK(decode_sense(Bytes(fixed, 13)).key == 3);
    CHECK(decode_sense(Bytes(fixed, 3)).key == 0);
    CHECK(decode_sense({}).key == 0);
    const std::uint8_t nonsense[18] = {0x12, 1, 2, 3};
    CHECK(decode_sense(nonsense).key == 0);
}

TEST_CASE("each answer has its verdict") {
    CHECK(judge(status(0)).verdict == Verdict::good);
    CHECK(judge(status(8)).verdict == Verdict::again_later);
    CHECK(judge(status(0x28)).verdict == Verdict::again_later);
    CHECK(judge(status(0x40)).verdict == Verdict::again);
    CHECK(judge(status(0x18)).verdict == Verdict::failed); // reserved by another
    CHECK(judge(status(2)).verdict == Verdict::again);     // a check without sense
    CHECK(judge(check_condition(1, 0x17, 0)).verdict == Verdict::good);
    CHECK(judge(check_condition(6, 0x29, 0)).verdict == Verdict::again);
    CHECK(judge(check_condition(11, 0, 0)).verdict == Verdict::again);
    CHECK(judge(check_condition(2, 4, 1)).verdict == Verdict::again_later);
    CHECK(judge(check_condition(2, 4, 2)).verdict == Verdict::failed);
    CHECK(judge(check_condition(2, 0x3a, 0)).verdict == Verdict::no_medium);
    CHECK(judge(check_condition(5, 0x20, 0)).verdict == Verdict::unsupported);
    CHECK(judge(check_condition(3, 0x11, 0)).verdict == Verdict::failed);
    CHECK(judge(check_condition(3, 0x11, 0)).error == Errno::eio);
    CHECK(judge(check_condition(7, 0x27, 0)).error == Errno::erofs);
    CHECK(judge(check_condition(7, 0x27, 7)).error == Errno::enospc);
    CHECK(judge(check_condition(7, 0x20, 0)).error == Errno::eio);
    CHECK(judge(check_condition(15, 0, 0)).verdict == Verdict::failed);
    Answer answer;
    CHECK(judge(answer).verdict == Verdict::again); // lost
    answer.delivery = Delivery::no_such_device;
    CHECK(judge(answer).verdict == Verdict::failed);
    answer.delivery = Delivery::silence;
    CHECK(judge(answer).verdict == Verdict::failed);
}

TEST_CASE("people are told in words") {
    CHECK(text(check_condition(3, 0x11, 0)) == "medium error (3/11/00)");
    CHECK(text(status(0x18)) == "status 18");
    Answer answer;
    CHECK(text(answer) == "the command was lost");
    answer.delivery = Delivery::no_such_device;
    CHECK(text(answer) == "the disk is gone");
    answer.delivery = Delivery::silence;
    CHECK(text(answer) == "the device does not answer");
}
