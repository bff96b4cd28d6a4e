# Where lwIP's sources are: -DLWIP_SOURCE_DIR=DIR, or what scripts/fetch-debian-source brings.
set(LWIP_SOURCE_DIR "" CACHE PATH "Folder with lwIP 2.1's sources (empty: fetched from Debian)")

function(unik_find_lwip out)
    set(folder "${LWIP_SOURCE_DIR}")
    if(folder STREQUAL "")
        execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/fetch-debian-source lwip
            OUTPUT_VARIABLE folder ERROR_VARIABLE problem RESULT_VARIABLE status
            OUTPUT_STRIP_TRAILING_WHITESPACE)
        if(NOT status EQUAL 0)
            message(FATAL_ERROR "fetching lwIP failed (${status}): ${problem}\n"
                                "give a folder with its sources: -DLWIP_SOURCE_DIR=DIR")
        endif()
    endif()
    if(NOT EXISTS ${folder}/src/include/lwip/init.h)
        message(FATAL_ERROR "LWIP_SOURCE_DIR=${folder}: expected lwIP's sources there, but "
                            "${folder}/src/include/lwip/init.h does not exist")
    endif()
    set(${out} ${folder} PARENT_SCOPE)
endfunction()
