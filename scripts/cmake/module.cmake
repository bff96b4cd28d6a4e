# unik_module(NAME DEPENDS <modules> LIBRARIES <imported targets>)
#
# A module is a folder below src/. It sees its own headers and those of the modules in DEPENDS, and
# no others: each module's headers are reached through a folder of links in the build tree, and
# only the declared ones are on its include path. Modules are declared bottom up, so that a
# dependency on a later one does not configure.
set(UNIK_MODULES "" CACHE INTERNAL "")

function(unik_module name)
    cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
    set(folder ${PROJECT_SOURCE_DIR}/src/${name})
    set(include ${PROJECT_BINARY_DIR}/include/${name})
    file(MAKE_DIRECTORY ${include})
    file(CREATE_LINK ${folder} ${include}/${name} SYMBOLIC)

    file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp ${folder}/*/*.cpp)
    add_library(unik_${name} STATIC ${sources})
    set_target_properties(unik_${name} PROPERTIES LINKER_LANGUAGE CXX)
    target_compile_options(unik_${name} PRIVATE ${UNIK_WARNINGS})
    target_include_directories(unik_${name} PRIVATE ${include})
    target_include_directories(unik_${name} INTERFACE ${include})
    target_link_libraries(unik_${name} PRIVATE unik_vocabulary ${ARG_LIBRARIES})
    foreach(dependency IN LISTS ARG_DEPENDS)
        if(NOT dependency IN_LIST UNIK_MODULES)
            message(FATAL_ERROR "module '${name}' depends on '${dependency}', which is not declared "
                                "before it in src/CMakeLists.txt: modules are declared bottom up")
        endif()
        # Only the headers of the declared module itself: what it depends on in turn stays hidden.
        target_include_directories(unik_${name} PRIVATE ${PROJECT_BINARY_DIR}/include/${dependency})
        target_link_libraries(unik_${name} INTERFACE $<LINK_ONLY:unik_${dependency}>)
        add_dependencies(unik_${name} unik_${dependency})
    endforeach()
    target_link_libraries(unik_${name} INTERFACE $<LINK_ONLY:unik_vocabulary>)
    foreach(library IN LISTS ARG_LIBRARIES)
        target_link_libraries(unik_${name} INTERFACE $<LINK_ONLY:${library}>)
    endforeach()
    set(UNIK_MODULES ${UNIK_MODULES} ${name} CACHE INTERNAL "")
endfunction()
