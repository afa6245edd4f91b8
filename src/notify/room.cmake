# The texts of messages, in the order of base/lang.h.
set(texts zh-TW th en zh-CN ja)
list(TRANSFORM texts PREPEND src/notify/i18n/)
list(TRANSFORM texts APPEND .json)
nm_generate(notify notify/texts.c
    DEPENDS ${texts} tools/embed_text.awk
    COMMAND awk -v name=notify_texts -f ${CMAKE_SOURCE_DIR}/tools/embed_text.awk ${texts})
