# A module that is opened when it is first needed, so that neither `tenfold` nor its tests link what it links:
#   tenfold_module(z3 SOURCES solver_z3.cc LINKS z3 FOR tenfold_modules)
# makes tenfold_z3, built before FOR. NOT_INSTALLED: for tests alone. Programs find modules by their run path; once
# installed, as ../lib/tenfold from the executable. A module finds its libraries by its own run path, which installing
# keeps.
set(TENFOLD_MODULE_FOLDER ${PROJECT_BINARY_DIR}/lib/tenfold)
list(APPEND CMAKE_BUILD_RPATH ${TENFOLD_MODULE_FOLDER})

function(tenfold_module name)
  cmake_parse_arguments(PARSE_ARGV 1 module "NOT_INSTALLED" "FOR" "SOURCES;LINKS")
  add_library(tenfold_${name} MODULE ${module_SOURCES})
  target_include_directories(tenfold_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(tenfold_${name} PRIVATE ${module_LINKS})
  set_target_properties(tenfold_${name} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${TENFOLD_MODULE_FOLDER}
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    BUILD_RPATH "$ORIGIN"
    INSTALL_RPATH "$ORIGIN"
    INSTALL_RPATH_USE_LINK_PATH ON)
  if(NOT module_NOT_INSTALLED)
    install(TARGETS tenfold_${name} LIBRARY DESTINATION lib/tenfold)
  endif()
  if(TARGET ${module_FOR})
    add_dependencies(${module_FOR} tenfold_${name})
  endif()
endfunction()
