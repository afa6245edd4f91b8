# Tests that have a store run a second time on PostgreSQL: `<room>/<subject>@pg`. One server of our
# own (test/pg/server) serves all of a run: CTest starts it before the first of them and stops it
# after the last, whether they pass or not. streamd's store is SQLite's alone.

string(SHA256 hash ${CMAKE_BINARY_DIR})
string(SUBSTRING ${hash} 0 8 hash)
set(NM_POSTGRES_DIR /tmp/nightmarket-pg-${hash})
string(REPLACE "/" "%2F" url ${NM_POSTGRES_DIR})
set(NM_POSTGRES_URL postgresql://app@${url})

function(nm_add_postgres)
    foreach(step start stop)
        nm_test(postgres/${step} ${CMAKE_SOURCE_DIR}/test/pg/server ${step} ${NM_POSTGRES_DIR})
    endforeach()
    set_tests_properties(postgres/start PROPERTIES FIXTURES_SETUP postgres)
    set_tests_properties(postgres/stop PROPERTIES FIXTURES_CLEANUP postgres)
endfunction()

# Does this test open a store by store/testkit.h, itself or by the kit of its room?
function(nm_has_store file ret)
    set(${ret} OFF PARENT_SCOPE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} kits REGEX "#include \"[a-z/_]*testkit\\.h\"")
    foreach(line IN LISTS kits)
        string(REGEX REPLACE "#include \"(.*)\"" "\\1" kit ${line})
        if(kit STREQUAL store/testkit.h)
            set(${ret} ON PARENT_SCOPE)
        elseif(NOT kit MATCHES "^streamd/" AND EXISTS ${CMAKE_SOURCE_DIR}/src/${kit})
            nm_has_store(${CMAKE_SOURCE_DIR}/src/${kit} inner)
            if(inner)
                set(${ret} ON PARENT_SCOPE)
            endif()
        endif()
    endforeach()
endfunction()

# The twin of test `name`, which runs `target`, if `file` has a store.
function(nm_test_on_postgres name target file)
    if(name MATCHES "^streamd/")
        return()
    endif()
    nm_has_store(${file} has)
    if(has)
        nm_test(${name}@pg ${target})
        set_tests_properties(${name}@pg PROPERTIES FIXTURES_REQUIRED postgres TIMEOUT 120)
        set_property(TEST ${name}@pg APPEND PROPERTY ENVIRONMENT
            NM_TEST_POSTGRES=${NM_POSTGRES_URL})
    endif()
endfunction()

# A journey says in a line of its own whether it wants the server: "# postgres: only", or "too".
function(nm_journey_on_postgres name runner file alone)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} want REGEX "^# postgres: (only|too)$")
    if(want MATCHES "too$")
        nm_test(${name}@pg ${runner} ${file})
        set_tests_properties(${name}@pg PROPERTIES LABELS journey TIMEOUT 300
            RUN_SERIAL ${alone})
        set_property(TEST ${name}@pg APPEND PROPERTY ENVIRONMENT NM_BUILD=${CMAKE_BINARY_DIR})
        set(name ${name}@pg)
    endif()
    if(want)
        set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED postgres)
        set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT NM_TEST_POSTGRES=${NM_POSTGRES_URL})
    endif()
endfunction()
