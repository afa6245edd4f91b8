# A file's name says what becomes of it:
#
#   src/<room>/*.c           library nm_<room>, linked with the rooms of smaller layers
#   src/<room>/main.c        program <room>, in the build folder's root
#   src/**/<x>_test.c        test <room>/<x>, linked with its room, the testkits below it, cmocka;
#                            with a store also <room>/<x>@pg (cmake/postgres.cmake)
#   src/**/<x>_testkit.c     helpers for tests of this room and of rooms above it
#   src/**/<x>_fuzz.c        preset fuzz: libFuzzer target fuzz/<room>-<x>;
#                            else: test <room>/<x>_fuzz, which replays test/corpus/<room>-<x>/
#   src/**/<x>.sql           gen/<room>/<x>.sql.h            (tools/embed_sql.awk)
#   src/**/migrations/*.sql  gen/<room>/migrations.sql.h     (tools/embed_migrations.awk)
#   src/<room>/room.cmake    what else the room needs, such as nm_generate() below
#   test/<x>/main.c, bench/<x>/main.c
#                            with the other C files there: program tests/<x>, bench/<x>
#   test/**/<x>_test.{py,mjs,sh}
#                            test test/<...>/<x>, label journey: starts the real programs, which
#                            it finds in the folder $NM_BUILD; exit status 0 is success. A line
#                            "# postgres: only" or "# postgres: too" says what it runs on
#
# streamd is one library made of its inner rooms (src/streamd/ingest ...).

# Sets in the caller: NM_ROOMS (top rooms in order of layer), NM_LAYER_<room>, NM_MAY_<room>
# (the rooms it is limited to; empty: every smaller layer).
function(nm_read_layers)
    set(file ${CMAKE_SOURCE_DIR}/tools/layers.txt)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} lines REGEX "^[0-9]")
    list(SORT lines COMPARE NATURAL)
    set(rooms)
    foreach(line IN LISTS lines)
        string(REGEX REPLACE "[ \t]+" ";" words "${line}")
        list(POP_FRONT words layer room)
        if(NOT room MATCHES "/")
            list(APPEND rooms ${room})
            set(NM_LAYER_${room} ${layer} PARENT_SCOPE)
            list(FILTER words EXCLUDE REGEX "/")
            set(NM_MAY_${room} ${words} PARENT_SCOPE)
        endif()
    endforeach()
    set(NM_ROOMS ${rooms} PARENT_SCOPE)
endfunction()

# Rooms with sources that `room` may link, higher layers first.
function(nm_rooms_below room ret)
    set(below)
    foreach(other IN LISTS NM_ROOMS)
        if(TARGET nm_${other} AND NM_LAYER_${other} LESS NM_LAYER_${room}
           AND (NOT NM_MAY_${room} OR other IN_LIST NM_MAY_${room}))
            list(PREPEND below ${other})
        endif()
    endforeach()
    set(${ret} ${below} PARENT_SCOPE)
endfunction()

# Adds the rules that make headers from the room's SQL; their paths go to ${ret}.
function(nm_embed_sql room ret)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*.sql)
    set(headers)
    set(folders)
    foreach(sql IN LISTS files)
        file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR}/src ${sql})
        if(path MATCHES "^(.+)/migrations/[^/]+$")
            list(APPEND folders ${CMAKE_MATCH_1})
            continue()
        endif()
        set(header ${CMAKE_BINARY_DIR}/gen/${path}.h)
        cmake_path(GET header PARENT_PATH folder)
        file(MAKE_DIRECTORY ${folder})
        add_custom_command(OUTPUT ${header}
            COMMAND awk -f ${CMAKE_SOURCE_DIR}/tools/embed_sql.awk ${sql} > ${header}.new
            COMMAND mv ${header}.new ${header}
            DEPENDS ${sql} ${CMAKE_SOURCE_DIR}/tools/embed_sql.awk
            COMMENT "SQL ${path}")
        list(APPEND headers ${header})
    endforeach()
    list(REMOVE_DUPLICATES folders)
    foreach(inner IN LISTS folders)
        set(header ${CMAKE_BINARY_DIR}/gen/${inner}/migrations.sql.h)
        set(steps ${files})
        list(FILTER steps INCLUDE REGEX "/src/${inner}/migrations/")
        list(SORT steps)
        file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/gen/${inner})
        add_custom_command(OUTPUT ${header}
            COMMAND awk -v room=${inner} -f ${CMAKE_SOURCE_DIR}/tools/embed_migrations.awk
                    ${steps} > ${header}.new
            COMMAND mv ${header}.new ${header}
            DEPENDS ${steps} ${CMAKE_SOURCE_DIR}/tools/embed_migrations.awk
            COMMENT "SQL ${inner}/migrations")
        list(APPEND headers ${header})
    endforeach()
    set(${ret} ${headers} PARENT_SCOPE)
endfunction()

function(nm_add_rooms)
    foreach(room IN LISTS NM_ROOMS)
        file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*.c)
        set(sources ${files})
        list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|_testkit)\\.c$")
        list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/${room}/main.c)
        if(NOT files)
            continue()
        endif()
        nm_embed_sql(${room} headers)
        set_property(GLOBAL APPEND PROPERTY NM_GENERATED ${headers})
        add_library(nm_${room} STATIC ${sources} ${headers} ${CMAKE_SOURCE_DIR}/cmake/empty.c)
        nm_rooms_below(${room} below)
        list(TRANSFORM below PREPEND nm_)
        target_link_libraries(nm_${room} PUBLIC ${below} ${NM_EXT_${room}} PRIVATE nm_flags)
        include(${CMAKE_SOURCE_DIR}/src/${room}/room.cmake OPTIONAL)
        nm_add_tests(${room} ${files})
    endforeach()
endfunction()

# nm_generate(<room> <path> DEPENDS <file>... COMMAND <word>...): what the command prints becomes
# gen/<path>, a header or C source of the room. Paths are relative to the root of the tree.
function(nm_generate room path)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "DEPENDS;COMMAND")
    set(out ${CMAKE_BINARY_DIR}/gen/${path})
    cmake_path(GET out PARENT_PATH folder)
    file(MAKE_DIRECTORY ${folder})
    list(TRANSFORM arg_DEPENDS PREPEND ${CMAKE_SOURCE_DIR}/)
    add_custom_command(OUTPUT ${out}
        COMMAND ${arg_COMMAND} > ${out}.new
        COMMAND mv ${out}.new ${out}
        DEPENDS ${arg_DEPENDS}
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
        COMMENT "Making ${path}")
    target_sources(nm_${room} PRIVATE ${out})
    set_property(GLOBAL APPEND PROPERTY NM_GENERATED ${out})
endfunction()

# Target `generated`: what is made of SQL, texts and tables, and nothing that a compiler makes. It is
# all that clang-tidy needs to read every file.
function(nm_add_generated)
    get_property(made GLOBAL PROPERTY NM_GENERATED)
    add_custom_target(generated DEPENDS ${made})
endfunction()

# Target `programs` builds them and no test.
function(nm_add_programs)
    add_custom_target(programs)
    foreach(room IN LISTS NM_ROOMS)
        set(main ${CMAKE_SOURCE_DIR}/src/${room}/main.c)
        if(EXISTS ${main} AND NOT NM_FUZZ)
            add_executable(${room} ${main})
            target_link_libraries(${room} PRIVATE nm_${room} nm_flags)
            set_target_properties(${room} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
            add_dependencies(programs ${room})
        endif()
    endforeach()
endfunction()

# Tests run in the source root, so that test/corpus/... and other fixtures are plain paths.
function(nm_test name)
    add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 60 ENVIRONMENT
        "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1;\
UBSAN_OPTIONS=print_stacktrace=1;TSAN_OPTIONS=halt_on_error=1 second_deadlock_stack=1")
endfunction()

function(nm_add_tests room)
    set(files ${ARGN})
    nm_rooms_below(${room} below)
    set(kits)
    set(kit_sources ${files})
    list(FILTER kit_sources INCLUDE REGEX "_testkit\\.c$")
    if(kit_sources AND NM_TESTS)
        add_library(nm_${room}_testkit STATIC ${kit_sources})
        target_link_libraries(nm_${room}_testkit
            PUBLIC nm_${room} PkgConfig::CMOCKA PRIVATE nm_flags)
    endif()
    foreach(other ${room} ${below})
        if(TARGET nm_${other}_testkit)
            list(APPEND kits nm_${other}_testkit)
        endif()
    endforeach()
    foreach(file IN LISTS files)
        file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR}/src ${file})
        string(REGEX REPLACE "\\.c$" "" subject ${path})
        string(REPLACE "/" "-" target ${subject})
        if(NM_TEST_ROOMS AND NOT room MATCHES "${NM_TEST_ROOMS}")
            continue()
        endif()
        if(path MATCHES "_test\\.c$" AND NM_TESTS)
            add_executable(${target} ${file})
            target_link_libraries(${target}
                PRIVATE ${kits} nm_${room} PkgConfig::CMOCKA nm_flags)
            set_target_properties(${target} PROPERTIES
                RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
            string(REGEX REPLACE "_test$" "" name ${subject})
            nm_test(${name} ${target})
            nm_test_on_postgres(${name} ${target} ${file})
        elseif(path MATCHES "_fuzz\\.c$" AND (NM_TESTS OR NM_FUZZ) AND NOT NM_TEST_ROOMS)
            nm_add_fuzz(${room} ${target} ${subject} ${file})
        endif()
    endforeach()
endfunction()

function(nm_add_fuzz room target subject file)
    add_executable(${target} ${file})
    target_link_libraries(${target} PRIVATE nm_${room} nm_flags)
    # LLVMFuzzerTestOneInput is declared nowhere; only a source file's options come after -Wall's.
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS -Wno-missing-prototypes)
    if(NM_FUZZ)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        set_target_properties(${target} PROPERTIES
            RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
        return()
    endif()
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tools/fuzz_replay.c)
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    string(REGEX REPLACE "_fuzz$" "" corpus ${target})
    nm_test(${subject} ${target} test/corpus/${corpus})
endfunction()

# Programs that tests and benches use: cameras, load. They may use order and the rooms below it.
function(nm_add_helpers)
    add_custom_target(helpers)
    file(GLOB mains CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/test/*/main.c ${CMAKE_SOURCE_DIR}/bench/*/main.c)
    foreach(main IN LISTS mains)
        cmake_path(GET main PARENT_PATH folder)
        cmake_path(GET folder FILENAME name)
        string(REGEX MATCH "/(test|bench)/${name}$" kind ${folder})
        file(GLOB files CONFIGURE_DEPENDS ${folder}/*.c)
        add_executable(${CMAKE_MATCH_1}-${name} ${files})
        target_link_libraries(${CMAKE_MATCH_1}-${name} PRIVATE nm_flags)
        foreach(room order files cloud store net base)
            if(TARGET nm_${room})
                target_link_libraries(${CMAKE_MATCH_1}-${name} PRIVATE nm_${room})
            endif()
        endforeach()
        string(REPLACE "test" "tests" kind ${CMAKE_MATCH_1})
        set_target_properties(${CMAKE_MATCH_1}-${name} PROPERTIES
            OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${kind})
        add_dependencies(helpers ${CMAKE_MATCH_1}-${name})
    endforeach()
endfunction()

# One at a time: several start servers and look at the clock. Those that only speak to the API wait
# for answers most of the time, and run beside each other.
function(nm_add_journeys)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/test/*_test.py
        ${CMAKE_SOURCE_DIR}/test/*_test.mjs ${CMAKE_SOURCE_DIR}/test/*_test.sh)
    list(FILTER files EXCLUDE REGEX "/node_modules/")
    foreach(file IN LISTS files)
        file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${file})
        string(REGEX REPLACE "_test\\.[a-z]+$" "" name ${path})
        if(path MATCHES "py$")
            set(runner python3)
        elseif(path MATCHES "mjs$")
            set(runner node)
        else()
            set(runner bash)
        endif()
        nm_test(${name} ${runner} ${file})
        set(alone ON)
        if(name MATCHES "^test/(api|claim|ecpay|files|login|notify|omise|sandbox)/" AND NOT name MATCHES "/live$")
            set(alone OFF)
        endif()
        set_tests_properties(${name} PROPERTIES LABELS journey TIMEOUT 300 RUN_SERIAL ${alone})
        set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT NM_BUILD=${CMAKE_BINARY_DIR})
        nm_journey_on_postgres(${name} ${runner} ${file} ${alone})
    endforeach()
endfunction()

function(nm_add_checks)
    if(NOT NM_TESTS)
        return()
    endif()
    nm_test(headers ${CMAKE_SOURCE_DIR}/tools/check_headers ${CMAKE_BINARY_DIR})
    nm_test(tools/check_layers ${CMAKE_SOURCE_DIR}/tools/check_layers_test)
    nm_test(tools/embed_sql ${CMAKE_SOURCE_DIR}/tools/embed_sql_test)
endfunction()
