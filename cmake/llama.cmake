# Finds the llama.cpp that scripts/setup built in the cache folder. -DTENFOLD_LLAMA_DIR=… names another, as `cmake --install`
# leaves one. Makes tenfold::llama.
if(NOT TARGET tenfold_llama_cpp)
  if(NOT TENFOLD_LLAMA_DIR)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/llama-folder
      OUTPUT_VARIABLE TENFOLD_LLAMA_DIR OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  endif()
  if(NOT EXISTS ${TENFOLD_LLAMA_DIR}/include/llama.h)
    message(FATAL_ERROR "llama.cpp was not found in ${TENFOLD_LLAMA_DIR}.\n"
      "Run scripts/setup, or build without it: -DTENFOLD_LLAMA=OFF, or cmake --preset minimal.")
  endif()
  add_library(tenfold_llama_cpp INTERFACE)
  add_library(tenfold::llama ALIAS tenfold_llama_cpp)
  target_include_directories(tenfold_llama_cpp SYSTEM INTERFACE ${TENFOLD_LLAMA_DIR}/include)
  foreach(library llama mtmd ggml ggml-base ggml-cpu)
    target_link_libraries(tenfold_llama_cpp INTERFACE ${TENFOLD_LLAMA_DIR}/lib/lib${library}.so)
  endforeach()
endif()
