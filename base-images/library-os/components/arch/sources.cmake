# It runs where firmware has put the image, before the kernel's page tables stand.
set_source_files_properties(${folder}/place_image.cpp PROPERTIES
    COMPILE_OPTIONS "${UNIK_PLACE_INDEPENDENT_OPTIONS}")
