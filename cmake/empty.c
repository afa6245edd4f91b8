/* A room that so far has only headers or tests still is a library. */
typedef int nm_no_empty_translation_unit;
