# Templates of the legal texts, and what README.txt of an export says: by document, then in the order
# of base/lang.h.
set(texts)
foreach(doc terms privacy returns imprint export)
    foreach(lang zh-TW th en zh-CN ja)
        list(APPEND texts src/privacy/legal/${doc}.${lang}.md)
    endforeach()
endforeach()
nm_generate(privacy privacy/legal_texts.c
    DEPENDS ${texts} tools/embed_text.awk
    COMMAND awk -v name=privacy_texts -f ${CMAKE_SOURCE_DIR}/tools/embed_text.awk ${texts})
