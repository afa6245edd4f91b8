# routes.def + openapi/schemas.yaml -> the OpenAPI description, as YAML or (c=1) as a C string.
# Columns of a row R(...): method, path, who, guard, pace, handler, body_max, body, status, answer,
# summary. Rows of one path need not stand together: they are gathered here.
function out(line) {
    if (!c) { print line; return }
    gsub(/\\/, "\\\\", line); gsub(/"/, "\\\"", line)
    printf "    \"%s\\n\"\n", line
}
function strip(s) { gsub(/^[ \t"]+|[ \t"]+$/, "", s); return s }
function row(text,   n, f, i, m, op) {
    sub(/^R\(/, "", text); sub(/\)[ \t]*$/, "", text)
    n = split(text, f, ",")
    for (i = 12; i <= n; i++) f[11] = f[11] "," f[i] # a summary may hold commas
    for (i = 1; i <= 11; i++) f[i] = strip(f[i])
    if (!(f[2] in seen)) { seen[f[2]] = 1; path[++paths] = f[2] }
    m = tolower(f[1]); op = ++ops[f[2]]
    method[f[2], op] = m; who[f[2], op] = f[3]; guard[f[2], op] = f[4]; name[f[2], op] = f[6]
    body[f[2], op] = f[8]; status[f[2], op] = f[9]; answer[f[2], op] = f[10]; sum[f[2], op] = f[11]
}
function parameters(p, op,   rest, any) {
    rest = p
    any = guard[p, op] == "TOKEN"
    if (index(p, "{") == 0 && !any) return
    out("      parameters:")
    while (match(rest, /\{[a-z]+\}/)) {
        out("        - {name: " substr(rest, RSTART + 1, RLENGTH - 2) ", in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}")
        rest = substr(rest, RSTART + RLENGTH)
    }
    if (any) out("        - {$ref: '#/components/parameters/Csrf'}")
}
function content(indent, schema) {
    if (schema ~ /\//) { out(indent schema ": {schema: {type: string}}"); return }
    out(indent "application/json: {schema: {$ref: '#/components/schemas/" schema "'}}")
}
function operation(p, op) {
    out("    " method[p, op] ":")
    out("      operationId: " name[p, op])
    out("      summary: \"" sum[p, op] "\"")
    if (who[p, op] != "ANYONE") out("      security: [{session: []}]")
    parameters(p, op)
    if (body[p, op] != "") {
        out("      requestBody:")
        out("        required: " (body[p, op] == "Empty" ? "false" : "true"))
        out("        content:")
        content("          ", body[p, op])
    }
    out("      responses:")
    out("        '" status[p, op] "':")
    out("          description: done")
    if (answer[p, op] != "") { out("          content:"); content("            ", answer[p, op]) }
    out("        default: {$ref: '#/components/responses/Problem'}")
}
FILENAME ~ /routes\.def$/ { if (/^R\(/) row($0); next }
{ if (!/^#/) schema[++schemas] = $0 }
END {
    if (c) print "#include \"api/openapi.h\"\n\nconst char openapi_yaml[] ="
    out("openapi: 3.1.0")
    out("info: {title: Nightmarket, version: '" version "', license: {name: Apache-2.0, identifier: Apache-2.0}}")
    out("paths:")
    for (i = 1; i <= paths; i++) {
        out("  " path[i] ":")
        for (j = 1; j <= ops[path[i]]; j++) operation(path[i], j)
    }
    for (i = 1; i <= schemas; i++) out(schema[i])
    if (c) print "    ;"
}
