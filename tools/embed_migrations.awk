# src/<room>/migrations/NNNN_name.sql ... -> <room>/migrations.sql.h, for the migration runner:
#
#     static const struct migration <room>_migrations[] = {
#         {1, "people", "CREATE TABLE ...\n"},   file 0001_people.sql, the whole text
#         ...
#     };
#     enum { <room>_migration_count = N };
#
# where store/store.h declares `struct migration { int version; const char *name, *text; };`.
# Files are given in ascending order; the numbers must rise and start with four digits. In an
# inner room's name the '/' becomes '_' (streamd_library_migrations). Call:
#     awk -v room=account -f tools/embed_migrations.awk src/account/migrations/*.sql
function fail(what) {
    printf "%s: %s\n", FILENAME, what > "/dev/stderr"
    bad = 1
    exit 1
}
BEGIN {
    gsub(/\//, "_", room)
    print "/* Made by tools/embed_migrations.awk; edit the files in migrations/. */"
    print "#pragma once"
    print "#include \"store/store.h\""
    printf "static const struct migration %s_migrations[] = {\n", room
}
FNR == 1 {
    if (count++)
        print "    },"
    file = FILENAME
    sub(/.*\//, "", file)
    sub(/\.sql$/, "", file)
    if (file !~ /^[0-9][0-9][0-9][0-9]_[a-z0-9_]+$/)
        fail("a migration is named NNNN_name.sql")
    version = substr(file, 1, 4) + 0
    if (version <= last)
        fail("migration " version " does not follow " last)
    last = version
    printf "    {%d, \"%s\",\n", version, substr(file, 6)
}
{
    sub(/\r$/, "")
    gsub(/\\/, "&&")
    gsub(/"/, "\\\\&")
    printf "     \"%s\\n\"\n", $0
}
END {
    if (bad)
        exit 1
    print "    },"
    print "};"
    printf "enum { %s_migration_count = %d };\n", room, count
}
