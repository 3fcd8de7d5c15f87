# Finds the OpenVINO that scripts/setup put in the cache folder: the Python wheel carries headers, libraries and a CMake
# package. -DOpenVINO_DIR=… names another. Makes openvino::runtime.
if(NOT TARGET openvino::runtime)
  if(NOT OpenVINO_DIR)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/cache-folder
      OUTPUT_VARIABLE tenfold_cache OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    file(GLOB openvino_wheel ${tenfold_cache}/venv/lib/python3*/site-packages/openvino/cmake)
    find_package(OpenVINO QUIET COMPONENTS Runtime PATHS ${openvino_wheel} NO_DEFAULT_PATH)
  endif()
  if(NOT TARGET openvino::runtime)
    find_package(OpenVINO QUIET COMPONENTS Runtime)
  endif()
  if(NOT TARGET openvino::runtime)
    message(FATAL_ERROR "OpenVINO was not found in ${tenfold_cache}/venv.\n"
      "Run scripts/setup, or build without it: cmake --preset minimal (the same as -DTENFOLD_OPENVINO=OFF).")
  endif()
endif()
