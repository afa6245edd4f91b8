# The OpenAPI description, from the route table: served by the program.
nm_generate(api api/openapi.c
    DEPENDS src/api/routes.def src/api/openapi/schemas.yaml tools/gen_openapi.awk
    COMMAND awk -v c=1 -v version=${PROJECT_VERSION} -f ${CMAKE_SOURCE_DIR}/tools/gen_openapi.awk
            ${CMAKE_SOURCE_DIR}/src/api/routes.def
            ${CMAKE_SOURCE_DIR}/src/api/openapi/schemas.yaml)
