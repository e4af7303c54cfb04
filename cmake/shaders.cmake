# From shaders/*.comp to one generated catalog_data.cpp: every variant is compiled to SPIR-V, then
# the host program shaderpack reads all of them and writes bytes and interface as C++ constants.
# A variant is a line `// variant: NAME DEFINE=VALUE...` in the .comp; without one, the file's stem
# is the name of its only variant. Also gathers the GLSL that users may include.
find_program(INGOT_GLSLANG NAMES glslangValidator glslang DOC "The GLSL compiler" REQUIRED)
find_program(INGOT_SPIRV_VAL spirv-val DOC "The SPIR-V validator, used by the tests")
include(ingot_shaders)

# What operators of users may include as "ingot/NAME", and where they find it in this tree.
set(INGOT_PUBLIC_GLSL functions.glsl group_reduce.glsl index.glsl status.glsl)
foreach(file IN LISTS INGOT_PUBLIC_GLSL)
  configure_file(${PROJECT_SOURCE_DIR}/shaders/common/${file}
    ${PROJECT_BINARY_DIR}/glsl/ingot/${file} COPYONLY)
endforeach()
set_property(GLOBAL PROPERTY INGOT_GLSL_INCLUDE_DIR ${PROJECT_BINARY_DIR}/glsl)

# shaderpack runs while building, so it must be a program of the machine that builds.
function(ingot_find_shaderpack result)
  if(CMAKE_CROSSCOMPILING)
    set(INGOT_SHADERPACK "" CACHE FILEPATH "shaderpack from a build for this machine")
    if(NOT EXISTS "${INGOT_SHADERPACK}")
      message(FATAL_ERROR "Cross compiling needs INGOT_SHADERPACK: the path of a shaderpack built "
                          "for this machine (target shaderpack), but it is \"${INGOT_SHADERPACK}\"")
    endif()
    set(${result} ${INGOT_SHADERPACK} PARENT_SCOPE)
  else()
    add_subdirectory(${PROJECT_SOURCE_DIR}/tools/shaderpack ${PROJECT_BINARY_DIR}/tools/shaderpack)
    set(${result} shaderpack PARENT_SCOPE)
  endif()
endfunction()

# Compiles all shaders and adds their catalog to <target>.
function(ingot_add_catalog target)
  set(source_dir ${PROJECT_SOURCE_DIR}/shaders)
  set(spirv_dir ${PROJECT_BINARY_DIR}/shaders)
  set(list_file ${spirv_dir}/variants.txt)
  set(catalog ${CMAKE_CURRENT_BINARY_DIR}/catalog_data.cpp)
  file(MAKE_DIRECTORY ${spirv_dir})
  ingot_find_shaderpack(shaderpack)

  file(GLOB shaders CONFIGURE_DEPENDS ${source_dir}/*.comp)
  set(names)
  set(outputs)
  set(lines)
  foreach(shader IN LISTS shaders)
    ingot_shader_variants(${shader} variants)
    foreach(variant IN LISTS variants)
      separate_arguments(words UNIX_COMMAND "${variant}")
      list(POP_FRONT words name)
      if(name IN_LIST names)
        message(FATAL_ERROR "${shader}: variant ${name} is declared twice")
      endif()
      set(output ${spirv_dir}/${name}.spv)
      ingot_compile_shader(${output} ${shader} DEFINES ${words} INCLUDE ${source_dir})
      list(APPEND names ${name})
      list(APPEND outputs ${output})
      string(APPEND lines "${name} ${output}\n")
    endforeach()
  endforeach()

  # Written only when it differs, so that configuring again compiles nothing.
  file(CONFIGURE OUTPUT ${list_file} CONTENT "${lines}" @ONLY)
  add_custom_command(
    OUTPUT ${catalog}
    COMMAND ${shaderpack} ${list_file} ${catalog}
    DEPENDS ${shaderpack} ${list_file} ${outputs}
    COMMENT "Packing shaders"
    VERBATIM)
  # A target of its own: a rule is only known to the targets of the folder that declares it.
  add_custom_target(${target}_shaders DEPENDS ${catalog})
  add_dependencies(${target} ${target}_shaders)
  target_sources(${target} PRIVATE ${catalog})
  set_property(GLOBAL PROPERTY INGOT_SHADER_LIST ${list_file})
endfunction()
