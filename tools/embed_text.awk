# Text files -> one C array of strings, `const char *const <name>[]`, in the order of the files:
#     awk -v name=notify_texts -f tools/embed_text.awk a.json b.json
BEGIN { printf "/* Made by tools/embed_text.awk. */\nextern const char *const %s[];\n", name
        printf "const char *const %s[] = {\n", name }
FNR == 1 && NR > 1 { print "," }
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    printf "\"%s\\n\"\n", $0
}
END { print "};" }
