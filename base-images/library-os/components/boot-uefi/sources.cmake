# They run where the firmware has put the image, before the kernel's page tables stand.
set_source_files_properties(${folder}/application.cpp ${folder}/console_line.cpp
    ${folder}/memory_map.cpp ${folder}/load_options.cpp PROPERTIES
    COMPILE_OPTIONS "${UNIK_PLACE_INDEPENDENT_OPTIONS}")
