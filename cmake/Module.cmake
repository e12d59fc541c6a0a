# events_module(NAME HEADERS ... SOURCES ... USES ... HIDES ...)
#
# A folder is a static library of the same name, known as events::NAME. USES are modules of ours whose
# headers ours may include; HIDES are outside libraries that no header of this folder shows. scripts/layers
# reads the same call and compares it with the includes.
function(events_module name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES;USES;HIDES")
    add_library(events_${name} STATIC ${arg_SOURCES} ${arg_HEADERS})
    add_library(events::${name} ALIAS events_${name})
    target_link_libraries(events_${name} PUBLIC ${arg_USES} PRIVATE events_flags ${arg_HIDES})
endfunction()

# events_test(SUITE SOURCES ... USES ...): a Criterion program, one CTest entry for each suite.
# Criterion ends with 0 in spite of a sanitizer's report, so the report itself fails the test.
function(events_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;LABELS")
    add_executable(test_${name} ${arg_SOURCES})
    target_link_libraries(test_${name} PRIVATE ${arg_USES} events_flags criterion::criterion)
    if(EVENTS_SANITIZE STREQUAL "thread")
        return() # Criterion does not start under the thread sanitizer
    endif()
    add_test(NAME ${name} COMMAND test_${name} -j1)
    set_tests_properties(${name} PROPERTIES
        TIMEOUT 900 LABELS "${arg_LABELS}" FAIL_REGULAR_EXPRESSION "Sanitizer:;runtime error:;Assertion Failed")
    if(EVENTS_SANITIZE MATCHES "address" AND (arg_LABELS STREQUAL "unit" OR name MATCHES "_memory$"))
        events_walk_test(${name} USES ${arg_USES})
    endif()
endfunction()

# The same tests once for each of their allocations, which fails: tests/allocation/walk.c.
function(events_walk_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES")
    add_executable(walk_${name} $<TARGET_OBJECTS:test_${name}>)
    target_link_libraries(walk_${name} PRIVATE events_walk ${arg_USES} events_flags)
    add_test(NAME allocation_${name} COMMAND walk_${name})
    set_tests_properties(allocation_${name} PROPERTIES TIMEOUT 7200 LABELS allocation)
endfunction()
