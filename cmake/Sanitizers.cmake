# EVENTS_SANITIZE: empty, "address,undefined" or "thread"; EVENTS_COVERAGE: counters for gcovr.
set(EVENTS_SANITIZE "" CACHE STRING "Sanitizers of every target")
option(EVENTS_COVERAGE "Instrument for coverage" OFF)

if(EVENTS_SANITIZE)
    target_compile_options(events_flags INTERFACE
        -fsanitize=${EVENTS_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g)
    target_link_options(events_flags INTERFACE -fsanitize=${EVENTS_SANITIZE})
endif()
if(EVENTS_COVERAGE)
    target_compile_options(events_flags INTERFACE --coverage -fprofile-update=atomic -O0 -g)
    target_link_options(events_flags INTERFACE --coverage)
endif()
