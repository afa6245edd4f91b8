# hold.sql -> hold.sql.h : one `static const struct sql SQL_<name>` per "-- name:" block,
# plus SQL_ALL(X) so that a test can prepare every statement (of the header included last).
#
# Lines of comment and empty lines are left out; the others keep their line ends, so a comment at
# the end of a line hides nothing. A statement without a name, or a name used twice, fails the build.
function fail(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
    bad = 1
    exit 1
}
function finish() {
    if (name == "")
        return
    if (!lines)
        fail("statement '" name "' is empty")
    print "};"
}
BEGIN {
    print "/* Made by tools/embed_sql.awk; edit the .sql file. */"
    print "#pragma once"
    print "#include \"store/store.h\""
}
/^-- name:/ {
    finish()
    name = $3
    if (name !~ /^[a-z][a-z0-9_]*$/)
        fail("'-- name:' wants a lower-case word, got '" name "'")
    if (name in seen)
        fail("two statements are named '" name "'")
    seen[name] = 1
    all = all " X(SQL_" name ")"
    lines = 0
    printf "static const struct sql SQL_%s = {\"%s\",\n", name, name
    next
}
/^[ \t]*--/ || /^[ \t\r]*$/ { next }
{
    if (name == "")
        fail("a statement has no '-- name:' line above it")
    sub(/\r$/, "")
    gsub(/\\/, "&&")
    gsub(/"/, "\\\\&")
    printf "    \"%s\\n\"\n", $0
    lines++
}
END {
    if (bad)
        exit 1
    finish()
    if (!bad)
        print "#undef SQL_ALL\n#define SQL_ALL(X)" all
}
