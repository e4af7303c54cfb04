# Makes ingot_static and ingot_shared from ingot_objects, and what an install tree needs to be found:
# headers, the CMake package, a pkg-config file.
option(INGOT_BUILD_BOTH_KINDS "Build the static and the shared library" ${INGOT_BUILD_TESTS})
if(WIN32)
  set(INGOT_BUILD_BOTH_KINDS OFF)  # there, objects know which of the two they are compiled for
endif()

if(BUILD_SHARED_LIBS)
  set(ingot_kinds SHARED)
else()
  set(ingot_kinds STATIC)
endif()
string(TOLOWER "${ingot_kinds}" ingot_default_kind)
if(INGOT_BUILD_BOTH_KINDS)
  set(ingot_kinds STATIC SHARED)
elseif(WIN32 AND BUILD_SHARED_LIBS)
  target_compile_definitions(ingot_objects PUBLIC INGOT_SHARED)
endif()

set(INGOT_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ingot)

foreach(kind IN LISTS ingot_kinds)
  string(TOLOWER ${kind} name)
  set(target ingot_${name})
  add_library(${target} ${kind} $<TARGET_OBJECTS:ingot_objects>)
  add_library(ingot::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PRIVATE ${INGOT_LINK_LIBRARIES} $<BUILD_INTERFACE:ingot_build_flags>)
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ingot
    EXPORT_NAME ${name}
    LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(kind STREQUAL SHARED AND WIN32)
    target_compile_definitions(${target} INTERFACE INGOT_SHARED)
  elseif(kind STREQUAL SHARED AND CMAKE_SYSTEM_NAME STREQUAL Linux)
    # Hidden visibility leaves the weak instantiations of std templates visible; the list does not.
    target_link_options(${target} PRIVATE
      -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/exported_symbols.map -Wl,--no-undefined)
    set_target_properties(${target} PROPERTIES
      LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/exported_symbols.map)
  endif()
  install(TARGETS ${target} EXPORT ingot_${name}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${name})
  install(EXPORT ingot_${name} FILE ingot_${name}.cmake NAMESPACE ingot::
    DESTINATION ${INGOT_PACKAGE_DIR} COMPONENT ${name})
endforeach()
add_library(ingot ALIAS ingot_${ingot_default_kind})
add_library(ingot::ingot ALIAS ingot_${ingot_default_kind})

include(CMakePackageConfigHelpers)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/ingotConfig.cmake.in
  ${PROJECT_BINARY_DIR}/ingotConfig.cmake INSTALL_DESTINATION ${INGOT_PACKAGE_DIR}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ingotConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
configure_file(${PROJECT_SOURCE_DIR}/cmake/ingot.pc.in ${PROJECT_BINARY_DIR}/ingot.pc @ONLY)

install(FILES ${PROJECT_BINARY_DIR}/ingotConfig.cmake ${PROJECT_BINARY_DIR}/ingotConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/ingot_shaders.cmake DESTINATION ${INGOT_PACKAGE_DIR} COMPONENT headers)
install(FILES ${PROJECT_BINARY_DIR}/ingot.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT headers)
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/ingot
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT headers FILES_MATCHING PATTERN "*.h")
list(TRANSFORM INGOT_PUBLIC_GLSL PREPEND ${PROJECT_SOURCE_DIR}/shaders/common/ OUTPUT_VARIABLE glsl)
install(FILES ${glsl} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ingot COMPONENT headers)
