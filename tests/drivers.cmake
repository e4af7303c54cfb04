# Which Vulkan drivers the device tests run on: software drivers found in their usual places, and what
# the user adds. Looked up at each configuration, never remembered.
#   INGOT_DRIVERS_FOUND     list of name=path of the driver's JSON file
#                           or, in an unpacked suite, name=suite:NAME
#   INGOT_VALIDATION_FOUND  1 when the Khronos validation layer is installed, else 0
set(INGOT_TEST_SUITES "" CACHE STRING
  "Suites whose lavapipe the tests run on, too: sid;... (tools/drivers fetch)")
set(INGOT_TEST_DRIVERS "" CACHE STRING "More drivers for the tests: name=/path/to/icd.json;...")

set(icd_folders
  /usr/share/vulkan/icd.d /usr/local/share/vulkan/icd.d /etc/vulkan/icd.d
  /opt/homebrew/share/vulkan/icd.d /opt/homebrew/etc/vulkan/icd.d)
set(chromium_folders  # each brings SwiftShader
  /usr/lib/chromium /usr/lib/chromium-browser /usr/lib64/chromium-browser /usr/lib64/chromium
  /snap/chromium/current/usr/lib/chromium-browser /opt/google/chrome)

# ingot_find_driver(name FILES pattern FOLDERS ...): the first match is added to the list.
function(ingot_find_driver name pattern)
  list(TRANSFORM ARGN APPEND "/${pattern}" OUTPUT_VARIABLE patterns)
  file(GLOB files ${patterns})
  if(files)
    list(GET files 0 file)
    set(INGOT_DRIVERS_FOUND ${INGOT_DRIVERS_FOUND} "${name}=${file}" PARENT_SCOPE)
  endif()
endfunction()

set(INGOT_DRIVERS_FOUND "")
ingot_find_driver(lavapipe "lvp_icd*.json" ${icd_folders})
ingot_find_driver(swiftshader "vk_swiftshader_icd.json" ${chromium_folders})
ingot_find_driver(moltenvk "MoltenVK_icd.json" ${icd_folders})
foreach(suite IN LISTS INGOT_TEST_SUITES)
  list(APPEND INGOT_DRIVERS_FOUND "lavapipe-${suite}=suite:${suite}")
endforeach()
list(APPEND INGOT_DRIVERS_FOUND ${INGOT_TEST_DRIVERS})

file(GLOB validation_layers
  /usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json
  /usr/local/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json
  /opt/homebrew/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json
  $ENV{VK_LAYER_PATH}/VkLayer_khronos_validation.json)
if(validation_layers)
  set(INGOT_VALIDATION_FOUND 1)
else()
  set(INGOT_VALIDATION_FOUND 0)
endif()

# ingot_driver(entry of INGOT_DRIVERS_FOUND) sets driver_name, driver_environment, and
# driver_launcher: what a test is run with, mostly nothing.
function(ingot_driver entry)
  string(REGEX MATCH "^([^=]+)=(.+)$" unused "${entry}")
  set(driver_name ${CMAKE_MATCH_1} PARENT_SCOPE)
  set(icd ${CMAKE_MATCH_2})
  if(icd MATCHES "^suite:(.+)$")  # with its own loader and layers
    set(driver_launcher ${PROJECT_SOURCE_DIR}/tools/drivers run --suite ${CMAKE_MATCH_1} lavapipe)
    list(JOIN driver_launcher " " words)
    set(driver_environment "INGOT_VALIDATION=1;INGOT_LAUNCHER=${words}")
  else()
    set(driver_launcher "")
    set(driver_environment "VK_ICD_FILENAMES=${icd};VK_DRIVER_FILES=${icd}")
    list(APPEND driver_environment "INGOT_VALIDATION=${INGOT_VALIDATION_FOUND}")
  endif()
  set(driver_launcher ${driver_launcher} PARENT_SCOPE)
  set(driver_environment ${driver_environment} PARENT_SCOPE)
endfunction()

foreach(driver IN LISTS INGOT_DRIVERS_FOUND)
  message(STATUS "Device tests run on ${driver}")
endforeach()
if(NOT INGOT_DRIVERS_FOUND)
  message(STATUS "Device tests are skipped: no Vulkan driver found")
endif()
if(NOT INGOT_VALIDATION_FOUND)
  message(STATUS "Device tests run without the Khronos validation layer: it is not installed")
endif()
