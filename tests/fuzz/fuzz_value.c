/*
 * libFuzzer entry for the readers of outside data: JSON, YAML, and replies of the REST
 * API. What must hold besides not crashing: what was read as JSON can be written and
 * read again as the same value, but for numbers beyond a double, which JSON can't hold.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "flink/statement.h"
#include "value/json.h"
#include "value/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const char *text, size_t len, struct arena *arena)
{
    struct err err = {0};
    struct value first;
    struct value second;
    struct flink_statement statement;
    struct buf out = BUF_INIT;

    if (json_parse(text, len, "input", arena, &first, &err) != 0) {
        return;
    }
    if (json_write(first, JSON_PYTHON, &out, &err) == 0 &&
        strstr(buf_str(&out), "Infinity") == NULL &&
        (json_parse(buf_str(&out), out.len, "output", arena, &second, &err) != 0 ||
         !value_equal(first, second))) {
        abort();
    }
    buf_fini(&out);
    flink_statement_decode(first, arena, &statement, &err);
}

static void check_yaml(const char *text, size_t len, struct arena *arena)
{
    struct err err = {0};
    struct yaml_doc doc;
    struct buf out = BUF_INIT;

    if (yaml_parse(text, len, "input", arena, &doc, &err) == 0) {
        yaml_write(doc.root, false, &out, &err);
    }
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    char *text = malloc(size + 1);

    if (text == NULL) {
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        text[i] = (char)data[i];
    }
    text[size] = '\0';
    check_json(text, size, &arena);
    check_yaml(text, size, &arena);
    arena_fini(&arena);
    free(text);
    return 0;
}
