# The font is that of old PC screens, from Debian's package console-setup-linux: a PSF file of
# version 1 (4 bytes of header, 16 bytes a glyph), of which ASCII is taken.
set(package_font /usr/share/consolefonts/Lat15-VGA16.psf.gz)
if(NOT EXISTS ${package_font})
    message(FATAL_ERROR "${package_font} is missing: apt-get install console-setup-linux, "
                        "or scripts/setup for all that is needed")
endif()
set(font ${CMAKE_CURRENT_BINARY_DIR}/screen_font.psf)
add_custom_command(OUTPUT ${font}
    COMMAND gzip -dc ${package_font} > ${font}
    DEPENDS ${package_font} VERBATIM)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/screen_font.S CONTENT [[
    .section .rodata.unik_screen_font, "a"
    .globl unik_screen_font
    .hidden unik_screen_font
unik_screen_font:
    .incbin "@font@", 4 + 16 * 0x20, 16 * 0x5f
    .section .note.GNU-stack, "", @progbits
]] @ONLY)
set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/screen_font.S PROPERTIES
                            OBJECT_DEPENDS ${font})
set(UNIK_EXTRA_SOURCES_screen ${CMAKE_CURRENT_BINARY_DIR}/screen_font.S)
