# Libraries from outside, and which room uses which. All from Debian (debian-packages.txt).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# nm_ext(<target> <pkg-config module>...): an imported target with SYSTEM includes
function(nm_ext name)
    pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${ARGN})
endfunction()

nm_ext(OPENSSL openssl)
nm_ext(CURL libcurl)
nm_ext(JANSSON jansson)
nm_ext(SQLITE sqlite3)
nm_ext(PQ libpq)
nm_ext(SODIUM libsodium)
nm_ext(ICU icu-uc icu-i18n)
nm_ext(QRENCODE libqrencode)
nm_ext(CJOSE cjose)
nm_ext(ZIP libzip)

# The HTTP parser that node uses: Debian ships its C sources.
set(NM_LLHTTP_SRC /usr/share/llhttp CACHE PATH "folder of llhttp's C sources")
set(NM_LLHTTP_INCLUDE /usr/share/include/llhttp CACHE PATH "folder of llhttp.h")
if(NOT EXISTS ${NM_LLHTTP_SRC}/llhttp.c)
    message(FATAL_ERROR "no llhttp.c in '${NM_LLHTTP_SRC}': install node-llhttp")
endif()
add_library(llhttp STATIC
    ${NM_LLHTTP_SRC}/api.c ${NM_LLHTTP_SRC}/http.c ${NM_LLHTTP_SRC}/llhttp.c)
target_include_directories(llhttp SYSTEM PUBLIC ${NM_LLHTTP_INCLUDE})
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp PRIVATE -w)
target_link_libraries(llhttp PRIVATE nm_hard)

# What each room links from outside, on top of what the rooms below it bring.
set(NM_EXT_base PkgConfig::JANSSON PkgConfig::SODIUM PkgConfig::ICU PkgConfig::OPENSSL
    PkgConfig::QRENCODE Threads::Threads m)
set(NM_EXT_net PkgConfig::CURL llhttp)
set(NM_EXT_store PkgConfig::SQLITE PkgConfig::PQ)
set(NM_EXT_cloud PkgConfig::CURL)
set(NM_EXT_login PkgConfig::CJOSE PkgConfig::CURL)
set(NM_EXT_notify PkgConfig::CURL)
set(NM_EXT_privacy PkgConfig::ZIP)

# Debian's libav* is built with GPL parts: no other target may link it (NOTICE says why).
if(EXISTS ${CMAKE_SOURCE_DIR}/src/streamd-media)
    nm_ext(LIBAV libavformat libavcodec libavutil libswscale)
    set(NM_EXT_streamd-media PkgConfig::LIBAV)
endif()

# Debian's libvips brings GPL parts along (poppler, FFTW): likewise.
if(EXISTS ${CMAKE_SOURCE_DIR}/src/nightmarket-image)
    nm_ext(VIPS vips)
    set(NM_EXT_nightmarket-image PkgConfig::VIPS)
endif()

# Running the product needs no cmocka; without it there are no tests.
pkg_check_modules(CMOCKA IMPORTED_TARGET GLOBAL cmocka)
if(CMOCKA_FOUND AND NOT NM_FUZZ)
    set(NM_TESTS ON)
else()
    set(NM_TESTS OFF)
endif()
