# nm_flags: how every C file of ours is compiled. Foreign sources (llhttp) do not link it.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()
# No -DNDEBUG anywhere: asserts stay on in release.
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")

add_library(nm_flags INTERFACE)
target_include_directories(nm_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/gen)
target_compile_definitions(nm_flags INTERFACE _GNU_SOURCE= NM_VERSION="${PROJECT_VERSION}")
target_compile_options(nm_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wvla -Wundef
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual
    -Wwrite-strings -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion
    -Wno-overlength-strings # embedded SQL: every compiler we use takes more than 4095 bytes
    -fno-common -fvisibility=hidden -fno-omit-frame-pointer
    "SHELL:-include ${CMAKE_SOURCE_DIR}/src/base/banned.h")
# Only of dev and release: instrumented code, and -O0, make gcc 12 see paths that are not there.
if(NM_WERROR AND CMAKE_C_COMPILER_ID STREQUAL GNU AND NOT NM_SANITIZE AND NOT NM_COVER)
    target_compile_options(nm_flags INTERFACE -Werror)
endif()

# nm_hard: hardening and instrumentation, for foreign sources too.
add_library(nm_hard INTERFACE)
target_link_libraries(nm_flags INTERFACE nm_hard)
target_compile_options(nm_hard INTERFACE
    -fstack-protector-strong $<$<C_COMPILER_ID:GNU>:-ftrivial-auto-var-init=zero>)
target_link_options(nm_hard INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
if(CMAKE_BUILD_TYPE STREQUAL Release)
    target_compile_options(nm_hard INTERFACE
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-clash-protection)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|i.86")
        target_compile_options(nm_hard INTERFACE -fcf-protection=full)
    endif()
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

if(NM_SANITIZE)
    target_compile_options(nm_hard INTERFACE -fsanitize=${NM_SANITIZE})
    target_link_options(nm_hard INTERFACE -fsanitize=${NM_SANITIZE})
    if(NM_SANITIZE MATCHES undefined)
        target_compile_options(nm_hard INTERFACE -fno-sanitize-recover=all)
    endif()
    target_compile_options(nm_flags INTERFACE -Wno-null-dereference
        $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(NM_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID STREQUAL Clang)
        message(FATAL_ERROR "NM_FUZZ needs clang: cmake --preset fuzz")
    endif()
    target_compile_options(nm_hard INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(NM_COVER)
    target_compile_options(nm_hard INTERFACE --coverage -O0 -fprofile-update=atomic)
    target_link_options(nm_hard INTERFACE --coverage)
endif()
