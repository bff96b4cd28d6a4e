# The vDSO image is a shared object of its own, for the program; the kernel carries its bytes.
set(image ${CMAKE_CURRENT_BINARY_DIR}/linux-vdso.so.1)
add_custom_command(OUTPUT ${image}
    COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -O2 ${UNIK_WARNINGS} -ffreestanding -fPIC
            -fvisibility=default -fno-exceptions -fno-rtti -fno-stack-protector
            -fcf-protection=none -fno-asynchronous-unwind-tables -mgeneral-regs-only
            -nostdlib -shared -Wl,-T,${folder}/image/layout.ld -Wl,-soname,linux-vdso.so.1
            -Wl,--hash-style=both -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-s
            -I${folder} -o ${image} ${folder}/image/clocks.cpp
    DEPENDS ${folder}/image/clocks.cpp ${folder}/image/layout.ld ${folder}/vvar_layout.hpp
    VERBATIM)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/vdso_bytes.S CONTENT [[
    .section .rodata.unik_vdso, "a"
    .balign 16
    .globl unik_vdso_start, unik_vdso_end
    .hidden unik_vdso_start, unik_vdso_end
unik_vdso_start:
    .incbin "@image@"
unik_vdso_end:
    .section .note.GNU-stack, "", @progbits
]] @ONLY)
set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/vdso_bytes.S PROPERTIES
                            OBJECT_DEPENDS ${image})
set(UNIK_EXTRA_SOURCES_vdso ${CMAKE_CURRENT_BINARY_DIR}/vdso_bytes.S)
