# unik_component(NAME)
#
# Builds one component of the library OS from its folder: component.yaml says what it requires, and
# it gets the public headers of just those (and of the vocabulary that tool and kernel share).
# Layers look down: requiring a component of a higher layer does not configure. The result is one
# relocatable object, NAME.o, pre-linked from the component's sources with its sections kept apart,
# so that the final link drops what is not used.
set(UNIK_LAYERS platform kernel drivers services abi extras)
set(UNIK_COMPONENTS "" CACHE INTERNAL "")

set(UNIK_KERNEL_OPTIONS
    -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit
    -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only
    -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-stack-protector
    -fcf-protection=none -ffunction-sections -fdata-sections -fvisibility=hidden
    -fno-strict-aliasing -g1 -gz)

# Most of a kernel runs seldom, and every byte is shipped and needs memory. A component with
# `optimize: speed` in its component.yaml is built for speed instead.
set(UNIK_KERNEL_SIZE_OPTIONS -Os -fno-align-functions -fno-align-loops -fno-align-jumps)
set(UNIK_KERNEL_SPEED_OPTIONS -O2)

# For sources that run wherever firmware has put the image: no address as linked gets into them. A
# component names them in its sources.cmake.
set(UNIK_PLACE_INDEPENDENT_OPTIONS -fpic -mcmodel=small)

# Reads `key: value` and `key: [a, b]` lines of a component.yaml; the tool reads it in full.
function(unik_component_value file key out)
    file(STRINGS ${file} line REGEX "^${key}:")
    string(REGEX REPLACE "^${key}:[ ]*" "" value "${line}")
    string(REGEX REPLACE "[ ]*#.*$" "" value "${value}")
    string(REGEX REPLACE "[][ ]" "" value "${value}")
    string(REPLACE "," ";" value "${value}")
    set(${out} ${value} PARENT_SCOPE)
endfunction()

function(unik_component name)
    set(folder ${CMAKE_CURRENT_SOURCE_DIR}/components/${name})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/component.yaml)
    unik_component_value(${folder}/component.yaml name declared)
    if(NOT declared STREQUAL name)
        message(FATAL_ERROR "${folder}/component.yaml: name is '${declared}', expected '${name}'")
    endif()
    unik_component_value(${folder}/component.yaml layer layer)
    unik_component_value(${folder}/component.yaml requires requires)
    unik_component_value(${folder}/component.yaml optimize optimize)
    if("${optimize}" STREQUAL "speed")
        set(optimization ${UNIK_KERNEL_SPEED_OPTIONS})
    elseif("${optimize}" STREQUAL "")
        set(optimization ${UNIK_KERNEL_SIZE_OPTIONS})
    else()
        message(FATAL_ERROR "${folder}/component.yaml: optimize is '${optimize}', expected 'speed'")
    endif()
    list(FIND UNIK_LAYERS "${layer}" rank)
    if(rank LESS 0)
        message(FATAL_ERROR "${folder}/component.yaml: unknown layer '${layer}'")
    endif()
    set_property(GLOBAL PROPERTY UNIK_LAYER_${name} ${rank})

    # What knows the machine stands in a folder of its own, so that another one can come.
    file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp ${folder}/*.c ${folder}/*.S
         ${folder}/x86_64/*.cpp ${folder}/x86_64/*.S)
    if(NOT sources)
        set(sources ${CMAKE_CURRENT_SOURCE_DIR}/empty.cpp)
    endif()
    # sources.cmake says what is special: third-party sources in UNIK_EXTRA_SOURCES_<name>, with
    # UNIK_EXTRA_INCLUDES_<name>, which those who require it see as well; options of single files.
    include(${folder}/sources.cmake OPTIONAL)
    if(UNIK_EXTRA_SOURCES_${name})
        set_source_files_properties(${UNIK_EXTRA_SOURCES_${name}} PROPERTIES COMPILE_OPTIONS "-w")
    endif()
    add_library(os_${name} OBJECT ${sources} ${UNIK_EXTRA_SOURCES_${name}})
    target_include_directories(os_${name} SYSTEM PRIVATE ${UNIK_EXTRA_INCLUDES_${name}})
    set_property(GLOBAL PROPERTY UNIK_INCLUDES_${name} ${UNIK_EXTRA_INCLUDES_${name}})
    set_property(GLOBAL PROPERTY UNIK_THIRD_PARTY_${name} ${UNIK_EXTRA_SOURCES_${name}})
    set_target_properties(os_${name} PROPERTIES UNIK_FREESTANDING ON POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(os_${name} PRIVATE
        ${UNIK_KERNEL_OPTIONS} ${optimization} $<$<COMPILE_LANGUAGE:CXX>:${UNIK_WARNINGS}>)
    target_compile_definitions(os_${name} PRIVATE $<$<CONFIG:Debug>:UNIK_DEBUG>)
    target_include_directories(os_${name} PRIVATE
        ${folder} ${folder}/include ${CMAKE_CURRENT_SOURCE_DIR}/vocabulary/include)
    foreach(dependency IN LISTS requires)
        get_property(other GLOBAL PROPERTY UNIK_LAYER_${dependency})
        if("${other}" STREQUAL "")
            message(FATAL_ERROR "component '${name}' requires '${dependency}', which does not exist "
                                "or is not declared before it")
        endif()
        if(other GREATER rank)
            message(FATAL_ERROR "component '${name}' (${layer}) requires '${dependency}' of a "
                                "higher layer: layers only look down")
        endif()
        target_include_directories(os_${name} PRIVATE
            ${CMAKE_CURRENT_SOURCE_DIR}/components/${dependency}/include)
        get_property(third_party GLOBAL PROPERTY UNIK_INCLUDES_${dependency})
        target_include_directories(os_${name} SYSTEM PRIVATE ${third_party})
    endforeach()

    set(object ${CMAKE_CURRENT_BINARY_DIR}/objects/${name}.o)
    add_custom_command(OUTPUT ${object}
        COMMAND ${CMAKE_LINKER} -r -o ${object} $<TARGET_OBJECTS:os_${name}>
        DEPENDS os_${name} $<TARGET_OBJECTS:os_${name}>
        COMMAND_EXPAND_LISTS VERBATIM)
    unik_embed(components/${name}/component.yaml ${folder}/component.yaml)
    unik_embed(components/${name}/object.o ${object})
    add_custom_target(object_${name} DEPENDS ${object})
    set(UNIK_COMPONENTS ${UNIK_COMPONENTS} ${name} CACHE INTERNAL "")
endfunction()
