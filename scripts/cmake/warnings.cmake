# Warnings are errors, on both sides.
set(UNIK_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
# GCC 12 sees overlaps in std::string's own code that are not there (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND UNIK_WARNINGS -Wno-restrict)
endif()
