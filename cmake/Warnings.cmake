# One interface target that every target of ours links: warnings, hardening, feature macros.
option(EVENTS_WERROR "Treat warnings as errors" OFF)

add_library(events_flags INTERFACE)
target_compile_definitions(events_flags INTERFACE _GNU_SOURCE)
target_include_directories(events_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(events_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef -Wformat=2 -Wconversion
    -Wimplicit-fallthrough -Wdouble-promotion
    $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches>
    $<$<BOOL:${EVENTS_WERROR}>:-Werror>)

# Sanitizers bring their own checks; fortified calls would hide from them.
if(NOT EVENTS_SANITIZE)
    target_compile_options(events_flags INTERFACE
        $<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
        -fcf-protection>)
endif()
target_link_options(events_flags INTERFACE -Wl,-z,relro,-z,now)
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
