# What every target of the project is compiled with: C++20, warnings, hidden symbols, sanitizers.
add_library(ingot_build_flags INTERFACE)
target_compile_features(ingot_build_flags INTERFACE cxx_std_20)

if(MSVC)
  target_compile_options(ingot_build_flags INTERFACE /W4 $<$<BOOL:${INGOT_WARNINGS_AS_ERRORS}>:/WX>)
else()
  target_compile_options(ingot_build_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers -Wnon-virtual-dtor
    -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # GCC 12 sees overlaps in joined strings (PR 105651)
    $<$<BOOL:${INGOT_WARNINGS_AS_ERRORS}>:-Werror>)
endif()

if(INGOT_SANITIZE)
  target_compile_options(ingot_build_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)  # ghosts in instrumented code
  target_link_options(ingot_build_flags INTERFACE -fsanitize=address,undefined)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
