# Every outside library is found here, once, and has one target name.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(RABBITMQ REQUIRED IMPORTED_TARGET librabbitmq)
pkg_check_modules(MONGOC REQUIRED IMPORTED_TARGET libmongoc-1.0)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
add_library(cjson::cjson ALIAS PkgConfig::CJSON)
add_library(sodium::sodium ALIAS PkgConfig::SODIUM)
add_library(rabbitmq::rabbitmq ALIAS PkgConfig::RABBITMQ)
add_library(mongoc::mongoc ALIAS PkgConfig::MONGOC)
add_library(curl::curl ALIAS PkgConfig::CURL)

# The package's own CMake file of civetweb fails unless the server program is installed too.
find_path(CIVETWEB_INCLUDE_DIR civetweb.h REQUIRED)
find_library(CIVETWEB_LIBRARY civetweb REQUIRED)
add_library(civetweb::civetweb UNKNOWN IMPORTED)
set_target_properties(civetweb::civetweb PROPERTIES
    IMPORTED_LOCATION ${CIVETWEB_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${CIVETWEB_INCLUDE_DIR})

if(EVENTS_TESTS OR NOT DEFINED EVENTS_TESTS)
    pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion)
    add_library(criterion::criterion ALIAS PkgConfig::CRITERION)
endif()
