# EVENTS_SANITIZE: empty, "address,undefined" or "thread"; EVENTS_COVERAGE: counters for gcovr; EVENTS_FUZZ: clang's
# libFuzzer under the targets of tests/fuzz, and counters for llvm-cov.
set(EVENTS_SANITIZE "" CACHE STRING "Sanitizers of every target")
option(EVENTS_COVERAGE "Instrument for coverage" OFF)
option(EVENTS_FUZZ "Instrument for libFuzzer" OFF)

if(EVENTS_SANITIZE)
    target_compile_options(events_flags INTERFACE
        -fsanitize=${EVENTS_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g)
    target_link_options(events_flags INTERFACE -fsanitize=${EVENTS_SANITIZE})
endif()
if(EVENTS_COVERAGE)
    target_compile_options(events_flags INTERFACE --coverage -fprofile-update=atomic -O0 -g)
    target_link_options(events_flags INTERFACE --coverage)
endif()
if(EVENTS_FUZZ)
    target_compile_options(events_flags INTERFACE
        -fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping)
    target_link_options(events_flags INTERFACE -fprofile-instr-generate)
endif()
