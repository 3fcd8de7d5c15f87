# One library and one test program a folder:
#   tenfold_folder(plan SOURCES plan.cc … TESTS plan_test.cc … LINKS tenfold::lang)
# makes tenfold::plan, and plan_tests when there are TESTS. LINKS are public and say which layers lie below.
if(TENFOLD_TESTS)
  find_package(GTest REQUIRED)
endif()

# Under the thread sanitizer the tests of these alone are built: elsewhere no thread is started, and the build would take half
# as long again.
set(TENFOLD_THREADED base store engine neural answer)

function(tenfold_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 folder "" "" "SOURCES;TESTS;LINKS")
  add_library(tenfold_${name} STATIC ${folder_SOURCES})
  add_library(tenfold::${name} ALIAS tenfold_${name})
  target_include_directories(tenfold_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(tenfold_${name} PUBLIC ${folder_LINKS})
  if(TENFOLD_TESTS AND folder_TESTS AND (NOT TENFOLD_SANITIZE STREQUAL "thread" OR name IN_LIST TENFOLD_THREADED))
    add_executable(${name}_tests ${folder_TESTS})
    target_link_libraries(${name}_tests PRIVATE tenfold::${name} GTest::gtest_main)
    target_compile_definitions(${name}_tests PRIVATE TENFOLD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_tests)
  endif()
endfunction()
