# unik_unit_test(MODULE): one doctest executable from tests/unit/MODULE/*.cpp. It sees the headers
# that the module itself sees.
add_library(unik_doctest_main STATIC ${PROJECT_SOURCE_DIR}/tests/doctest_main.cpp)
target_link_libraries(unik_doctest_main PUBLIC doctest::doctest)

function(unik_unit_test module)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${module}/*.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(unit_${module} ${sources})
    target_compile_options(unit_${module} PRIVATE ${UNIK_WARNINGS})
    target_include_directories(unit_${module} PRIVATE
        $<TARGET_PROPERTY:unik_${module},INCLUDE_DIRECTORIES>)
    target_compile_definitions(unit_${module} PRIVATE
        UNIK_SOURCE_DIR="${PROJECT_SOURCE_DIR}" UNIK_BINARY_DIR="${PROJECT_BINARY_DIR}")
    target_link_libraries(unit_${module} PRIVATE unik_${module} unik_doctest_main
                          unik_vocabulary $<TARGET_PROPERTY:unik_${module},LINK_LIBRARIES>)
    add_test(NAME unit/${module} COMMAND unit_${module} --no-skip=false)
    set_tests_properties(unit/${module} PROPERTIES LABELS unit TIMEOUT 600)
endfunction()

# unik_kernel_test(COMPONENT): the component's pure logic, compiled for the host with sanitizers.
# tests/kernel/COMPONENT/sources.txt lists the component files under test, one a line, relative to
# base-images/library-os/components/. A line `third-party NAME` stands for what that component's
# sources.cmake names.
function(unik_kernel_test component)
    set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${component})
    set(components ${PROJECT_SOURCE_DIR}/base-images/library-os/components)
    file(GLOB tests CONFIGURE_DEPENDS ${folder}/*.cpp)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/sources.txt)
    set(sources "")
    set(third_party "")
    if(EXISTS ${folder}/sources.txt)
        file(STRINGS ${folder}/sources.txt names REGEX "^[^#]")
        foreach(name IN LISTS names)
            if(name MATCHES "^third-party (.*)")
                get_property(files GLOBAL PROPERTY UNIK_THIRD_PARTY_${CMAKE_MATCH_1})
                get_property(headers GLOBAL PROPERTY UNIK_INCLUDES_${CMAKE_MATCH_1})
                list(APPEND sources ${files})
                list(APPEND third_party ${headers})
            else()
                list(APPEND sources ${components}/${name})
                if(name MATCHES "^(.*)/x86_64/")
                    set_source_files_properties(${components}/${name} PROPERTIES
                        INCLUDE_DIRECTORIES ${components}/${CMAKE_MATCH_1})
                endif()
            endif()
        endforeach()
    endif()
    set(target kernel_${component})
    add_executable(${target} ${tests} ${sources})
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all
                           $<$<COMPILE_LANGUAGE:CXX>:${UNIK_WARNINGS} -fno-rtti>)
    target_link_options(${target} PRIVATE -fsanitize=address,undefined)
    file(GLOB includes ${components}/*/include)
    target_include_directories(${target} PRIVATE ${includes} ${components}
        ${CMAKE_CURRENT_SOURCE_DIR}/host)
    target_include_directories(${target} SYSTEM PRIVATE ${third_party})
    target_compile_definitions(${target} PRIVATE UNIK_HOST_TEST=1
        UNIK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_link_libraries(${target} PRIVATE unik_vocabulary unik_kernel_stand_ins)
    add_test(NAME kernel/${component} COMMAND ${target})
    set_tests_properties(kernel/${component} PROPERTIES LABELS kernel TIMEOUT 300)
endfunction()

# unik_python_test(LABEL NAME SCRIPT ARGUMENTS…): a script below tests/ that drives the real unik.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
function(unik_python_test label name script)
    add_test(NAME ${label}/${name}
             COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/tests/${script} ${ARGN})
    set_tests_properties(${label}/${name} PROPERTIES LABELS ${label} TIMEOUT 600
        ENVIRONMENT "UNIK=$<TARGET_FILE:unik>;PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/harness")
endfunction()
