# Warnings are errors, on both sides.
set(UNIK_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
