# Runs spirv-val on every variant in SHADER_LIST, and on what TEST_KERNELS specializes into FOLDER, and
# names all that fail.
file(STRINGS ${SHADER_LIST} lines)
list(TRANSFORM lines REPLACE "^[^ ]+ " "" OUTPUT_VARIABLE paths)
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env INGOT_SPECIALIZED_DIR=${FOLDER}
          ${TEST_KERNELS} --test-case=specialize:*,narrow:*
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB specialized ${FOLDER}/*.spv)
if(NOT paths OR NOT specialized)
  message(FATAL_ERROR "No shaders in ${SHADER_LIST}, or none in ${FOLDER}")
endif()
set(failed)
foreach(path IN LISTS paths specialized)
  execute_process(COMMAND ${SPIRV_VAL} --target-env vulkan1.2 ${path} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(APPEND failed ${path})
  endif()
endforeach()
if(failed)
  message(FATAL_ERROR "spirv-val refused: ${failed}")
endif()
list(LENGTH paths count)
list(LENGTH specialized specialized_count)
message(STATUS "${count} variants and ${specialized_count} specialized modules are valid")
