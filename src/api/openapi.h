/* openapi - docs/api/openapi.yaml as text, made by the build from routes.def and openapi/. */
#pragma once

extern const char openapi_yaml[];
