# What the services serve at /openapi.json and /docs, made from docs/api/ when that changes.
option(EVENTS_SWAGGER_UI "Show /docs with Swagger UI when npm can fetch it, else as a plain page" ON)

# Once for each build folder and version; `cmake --fresh` tries again.
function(events_fetch_swagger_ui version sha512 folder)
    set(package ${folder}/swagger-ui-dist-${version}.tgz)
    find_program(EVENTS_NPM npm)
    if(NOT EVENTS_NPM OR EVENTS_SWAGGER_UI_TRIED STREQUAL "${version}")
        return()
    endif()
    set(EVENTS_SWAGGER_UI_TRIED ${version} CACHE INTERNAL "The version that was fetched, or could not be")
    message(STATUS "Fetching Swagger UI ${version}")
    file(MAKE_DIRECTORY ${folder})
    execute_process(
        COMMAND ${EVENTS_NPM} pack swagger-ui-dist@${version} --prefer-offline --fetch-retries=0
                --fetch-timeout=20000 --pack-destination ${folder}
        WORKING_DIRECTORY ${folder} TIMEOUT 60 OUTPUT_QUIET ERROR_QUIET)
    if(NOT EXISTS ${package})
        message(STATUS "Swagger UI cannot be fetched: /docs will be a plain page")
        return()
    endif()
    file(SHA512 ${package} found)
    if(found STREQUAL "${sha512}")
        file(ARCHIVE_EXTRACT INPUT ${package} DESTINATION ${folder})
    else()
        message(WARNING "${package} is not the file that it should be: /docs will be a plain page")
    endif()
endfunction()

set(EVENTS_SWAGGER_UI_FOLDER)
if(EVENTS_SWAGGER_UI)
    set(EVENTS_SWAGGER_UI_VERSION 5.35.0)
    set(EVENTS_SWAGGER_UI_FOLDER ${CMAKE_CURRENT_BINARY_DIR}/swagger-ui-${EVENTS_SWAGGER_UI_VERSION})
    events_fetch_swagger_ui(${EVENTS_SWAGGER_UI_VERSION}
        534eaba4cb56f55dd73c638179a993512af4674f63317e0826e00da44fc465b021c341bc0a0c2bcd4e18997927fe1d3008336c5dd19aad334d1c2dec53cc9551
        ${EVENTS_SWAGGER_UI_FOLDER})
    set(EVENTS_SWAGGER_UI_FOLDER ${EVENTS_SWAGGER_UI_FOLDER}/package)
    if(NOT EXISTS ${EVENTS_SWAGGER_UI_FOLDER}/swagger-ui.css)
        set(EVENTS_SWAGGER_UI_FOLDER)
    endif()
endif()

# events_documents(NAME SYMBOL): put the documents of docs/api/NAME.yaml into the module NAME, as SYMBOL of
# service/documents.h. The system's Python: python3-yaml is a package of the distribution.
function(events_documents name symbol)
    set(maker ${PROJECT_SOURCE_DIR}/cmake/documents)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/documents)
    file(GLOB sources CONFIGURE_DEPENDS ${maker}/*)
    add_custom_command(
        OUTPUT ${folder}/${symbol}.c
        COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 ${maker}/make.py
                ${PROJECT_SOURCE_DIR}/docs/api/${name}.yaml ${PROJECT_VERSION} ${symbol} ${folder}
                ${EVENTS_SWAGGER_UI_FOLDER}
        DEPENDS ${PROJECT_SOURCE_DIR}/docs/api/${name}.yaml ${PROJECT_SOURCE_DIR}/docs/api/common.yaml ${sources}
        COMMENT "Documents of ${name}" VERBATIM COMMAND_EXPAND_LISTS)
    target_sources(events_${name} PRIVATE ${folder}/${symbol}.c)
endfunction()
