# unik_embed(PATH FILE) notes a file that the executable carries; unik_embed_everything() makes the
# library of all of them: one assembly file of .incbin directives and a table sorted by path.
set(UNIK_EMBEDDED "" CACHE INTERNAL "")

function(unik_embed path file)
    set(UNIK_EMBEDDED ${UNIK_EMBEDDED} "${path}|${file}" CACHE INTERNAL "")
endfunction()

function(unik_embed_everything)
    foreach(folder languages hardware targets)
        file(GLOB files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/manifests
             ${PROJECT_SOURCE_DIR}/manifests/${folder}/*.yaml)
        foreach(file IN LISTS files)
            unik_embed(${file} ${PROJECT_SOURCE_DIR}/manifests/${file})
        endforeach()
    endforeach()
    set(entries ${UNIK_EMBEDDED})
    list(SORT entries)
    set(data "")
    set(table "")
    set(dependencies "")
    set(index 0)
    foreach(entry IN LISTS entries)
        string(REPLACE "|" ";" pair "${entry}")
        list(GET pair 0 path)
        list(GET pair 1 file)
        list(APPEND dependencies ${file})
        string(APPEND data ".balign 16\ndata_${index}: .incbin \"${file}\"\nend_${index}:\n"
                           "path_${index}: .asciz \"${path}\"\n")
        string(APPEND table ".quad path_${index}, data_${index}, end_${index} - data_${index}\n")
        math(EXPR index "${index} + 1")
    endforeach()
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/embedded.S CONTENT
         ".section .data.rel.ro, \"aw\"\n${data}.balign 8\n.globl unik_embedded_table\nunik_embedded_table:\n${table}.globl unik_embedded_count\nunik_embedded_count: .quad ${index}\n.section .note.GNU-stack,\"\",@progbits\n" @ONLY)
    add_library(unik_embedded STATIC ${PROJECT_BINARY_DIR}/embedded.S)
    set_source_files_properties(${PROJECT_BINARY_DIR}/embedded.S PROPERTIES
                                OBJECT_DEPENDS "${dependencies}")
    foreach(component IN LISTS UNIK_COMPONENTS)
        add_dependencies(unik_embedded object_${component})
    endforeach()
endfunction()
