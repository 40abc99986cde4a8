# SPDX-License-Identifier: Apache-2.0
#
# find_package(Weir): Weir in a CMake project that is compiled by `weir cc`.
#
#   WEIR_EXECUTABLE      the weir program
#   WEIR_REPORT_FOLDER   where the findings of all tests are kept, each test's in a file of its name
#
#   weir_add_test(NAME name COMMAND program [argument...] [OPTIONS option...] [CHILDREN])
#     A test that runs the program under the detectors: it fails with its own status, and with 66 if there
#     are findings. The program may be a target. OPTIONS are those of `weir run`, --stuck=30s for one;
#     CHILDREN: the program itself is a script that starts what was built with Weir.
#
# The target weir_report makes one page of all findings, report.html in that folder. Each test writes
# its file anew, so what a failed run found stays until the test is run again.
get_filename_component(WEIR_EXECUTABLE "${CMAKE_CURRENT_LIST_DIR}/../../../bin/weir" ABSOLUTE)
if(NOT EXISTS "${WEIR_EXECUTABLE}")
  set(Weir_FOUND FALSE)
  set(Weir_NOT_FOUND_MESSAGE "there is no ${WEIR_EXECUTABLE}")
  return()
endif()
set(WEIR_REPORT_FOLDER "${CMAKE_BINARY_DIR}/weir-findings")
file(MAKE_DIRECTORY "${WEIR_REPORT_FOLDER}")

function(weir_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "CHILDREN" "NAME" "COMMAND;OPTIONS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME OR NOT arg_COMMAND)
    message(FATAL_ERROR "weir_add_test wants NAME name COMMAND program [argument...]")
  endif()
  list(POP_FRONT arg_COMMAND program)
  if(TARGET ${program})
    set(program "$<TARGET_FILE:${program}>")
  endif()
  if(arg_CHILDREN)
    list(APPEND arg_OPTIONS --children)
  endif()
  string(MAKE_C_IDENTIFIER "${arg_NAME}" file)
  add_test(NAME ${arg_NAME}
    COMMAND "${WEIR_EXECUTABLE}" run "--log=${WEIR_REPORT_FOLDER}/${file}.jsonl" ${arg_OPTIONS}
      -- "${program}" ${arg_COMMAND})
  set_property(TEST ${arg_NAME} APPEND PROPERTY LABELS weir)
endfunction()

if(NOT TARGET weir_report)
  add_custom_target(weir_report
    COMMAND "${WEIR_EXECUTABLE}" report html -o "${WEIR_REPORT_FOLDER}/report.html"
      "${WEIR_REPORT_FOLDER}"
    COMMENT "Writing ${WEIR_REPORT_FOLDER}/report.html" VERBATIM)
endif()
