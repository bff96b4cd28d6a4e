#include <doctest/doctest.h>

#include <initializer_list>

#include <block/pieces.hpp>

using namespace os::block;

TEST_CASE("any run of bytes is cut into pieces that cover it and no more than they must") {
    for (const std::uint32_t sector : {512U, 2048U, 4096U})
        for (const std::size_t most : {std::size_t{4096}, std::size_t{12288}})
            for (std::uint64_t offset = 0; offset < 9000; offset += 233)
                for (std::size_t wanted = 1; wanted < 30'000; wanted += 1999) {
                    std::size_t done = 0;
                    while (done < wanted) {
                        const Piece piece = first_piece(offset + done, wanted - done, sector, most);
                        REQUIRE(piece.sector * sector + piece.skip == offset + done);
                        REQUIRE(piece.skip < sector);
                        REQUIRE(piece.size % sector == 0);
                        REQUIRE(piece.size <= most);
                        REQUIRE(piece.wanted > 0);
                        REQUIRE(piece.skip + piece.wanted <= piece.size);
                        REQUIRE(piece.size - piece.skip - piece.wanted < sector);
                        done += piece.wanted;
                    }
                    REQUIRE(done == wanted);
                }
}

TEST_CASE("a whole piece holds nothing but what is wanted") {
    CHECK(first_whole_piece(511, 5000, 512, 4096).size == 0);
    CHECK(first_whole_piece(512, 511, 512, 4096).size == 0);
    const Piece piece = first_whole_piece(1024, 1300, 512, 4096);
    CHECK(piece.sector == 2);
    CHECK(piece.size == 1024);
    CHECK(piece.whole());
    CHECK(first_whole_piece(0, 100'000, 512, 4096).size == 4096);
}
