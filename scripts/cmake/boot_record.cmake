# unik_boot_record(NAME)
#
# A component that is no object of the kernel but a flat binary for the disk: its .S files are
# linked by its layout.ld. It is embedded beside the others under the same names, and its
# component.yaml says `boot_record: true`.
function(unik_boot_record name)
    set(folder ${CMAKE_CURRENT_SOURCE_DIR}/components/${name})
    set(vocabulary ${CMAKE_CURRENT_SOURCE_DIR}/vocabulary/include)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/component.yaml)
    unik_component_value(${folder}/component.yaml name declared)
    if(NOT declared STREQUAL name)
        message(FATAL_ERROR "${folder}/component.yaml: name is '${declared}', expected '${name}'")
    endif()
    unik_component_value(${folder}/component.yaml layer layer)
    list(FIND UNIK_LAYERS "${layer}" rank)
    set_property(GLOBAL PROPERTY UNIK_LAYER_${name} ${rank})

    file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.S)
    add_library(os_${name} OBJECT ${sources})
    set_target_properties(os_${name} PROPERTIES UNIK_FREESTANDING ON POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(os_${name} PRIVATE -m32)
    target_include_directories(os_${name} PRIVATE ${folder} ${vocabulary})

    set(binary ${CMAKE_CURRENT_BINARY_DIR}/objects/${name}.bin)
    add_custom_command(OUTPUT ${binary}
        COMMAND ${CMAKE_LINKER} -m elf_i386 --oformat binary -T ${folder}/layout.ld -o ${binary}
                $<TARGET_OBJECTS:os_${name}>
        DEPENDS os_${name} $<TARGET_OBJECTS:os_${name}> ${folder}/layout.ld
        COMMAND_EXPAND_LISTS VERBATIM)
    unik_embed(components/${name}/component.yaml ${folder}/component.yaml)
    unik_embed(components/${name}/object.o ${binary})
    add_custom_target(object_${name} DEPENDS ${binary})
    set(UNIK_COMPONENTS ${UNIK_COMPONENTS} ${name} CACHE INTERNAL "")
    set(UNIK_BOOT_RECORD_${name} ${binary} CACHE INTERNAL "")
endfunction()
