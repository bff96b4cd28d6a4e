# The library OS itself is freestanding and takes none of this; its host-compiled tests do.
if(UNIK_SANITIZE)
    add_compile_options($<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNIK_FREESTANDING>>>:-fsanitize=address,undefined>
                        $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNIK_FREESTANDING>>>:-fno-sanitize-recover=all>)
    add_link_options($<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNIK_FREESTANDING>>>:-fsanitize=address,undefined>)
endif()
