#include "config.h"

#include "sql/parse.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "sql/parser.h"

/* Reporting. */

/* Words whose misspelling is worth a hint: those that begin clauses. */
static const int spelled[] = {
    KW_SELECT,      KW_INSERT,    KW_CREATE,    KW_ALTER,        KW_DROP,
    KW_EXPLAIN,     KW_DESCRIBE,  KW_EXECUTE,   KW_SHOW,         KW_VALUES,
    KW_TABLE,       KW_VIEW,      KW_FROM,      KW_WHERE,        KW_GROUP,
    KW_ORDER,       KW_HAVING,    KW_LIMIT,     KW_OFFSET,       KW_UNION,
    KW_INTERSECT,   KW_EXCEPT,    KW_JOIN,      KW_INNER,        KW_LEFT,
    KW_RIGHT,       KW_FULL,      KW_CROSS,     KW_LATERAL,      KW_UNNEST,
    KW_WITH,        KW_WINDOW,    KW_PARTITION, KW_BETWEEN,      KW_DISTINCT,
    KW_INTERVAL,    KW_WATERMARK, KW_PRIMARY,   KW_CONSTRAINT,   KW_COMMENT,
    KW_DISTRIBUTED, KW_BUCKETS,   KW_ENFORCED,  KW_METADATA,     KW_VIRTUAL,
    KW_INTO,        KW_DATABASE,  KW_CATALOG,   KW_MATERIALIZED, KW_FUNCTION,
    KW_MODEL,       KW_RENAME,    KW_MODIFY,    KW_STATEMENT,    KW_BEGIN,
    KW_TEMPORARY,   KW_EXISTS,    KW_DEFINE,    KW_PATTERN,      KW_MEASURES,
};
#define SPELLED_COUNT (sizeof(spelled) / sizeof(spelled[0]))

/* The two words differ only in the order of their letters. */
static bool same_letters(const char *a, const char *b)
{
    int counts[128] = {0};

    if (strlen(a) != strlen(b)) {
        return false;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        counts[(unsigned char)a[i] & 127]++;
        counts[(unsigned char)b[i] & 127]--;
    }
    for (size_t i = 0; i < 128; i++) {
        if (counts[i] != 0) {
            return false;
        }
    }
    return true;
}

/* The keyword that the token at `index` may be a misspelling of, or NULL. */
static const char *nearest(struct parser *p, size_t index)
{
    const char *words[SPELLED_COUNT];
    const struct code_token *token = &p->tokens[index];
    size_t pos = p->pos;
    const char *word;

    if (token->code != T_WORD || token->end - token->start < 3 ||
        token->end - token->start > 20) {
        return NULL;
    }
    p->pos = index;
    word = sql_p_upper(p, 0);
    p->pos = pos;
    for (size_t i = 0; i < SPELLED_COUNT; i++) {
        words[i] = sql_keyword_text(spelled[i]);
        if (same_letters(word, words[i])) {
            return words[i];
        }
    }
    return str_nearest(word, words, SPELLED_COUNT);
}

/*
 * A misspelt keyword is mostly taken for a name or an alias first, so the failure comes
 * one or two tokens later.
 */
static const char *misspelling(struct parser *p, size_t *index)
{
    for (size_t back = 0; back <= 2 && back <= p->failure.token; back++) {
        const char *found = nearest(p, p->failure.token - back);

        if (found != NULL) {
            *index = p->failure.token - back;
            return found;
        }
    }
    return NULL;
}

bool sql_p_certain(struct parser *p)
{
    int code = p->tokens[p->failure.token].code;
    const char *word;
    size_t index;

    if (!p->failure.set || p->failure.message != NULL) {
        return false;
    }
    word = misspelling(p, &index);
    if (word != NULL && (p->failure.certain || index == 0 ||
                         strstr(p->failure.expected, word) != NULL)) {
        return true;
    }
    return p->failure.certain &&
           (code == T_END || code == ';' || code == ')' || code == ']' || code == ',');
}

static void found_text(struct parser *p, size_t index, char *out, size_t size)
{
    const struct code_token *token = &p->tokens[index];
    struct buf buf = BUF_INIT;
    size_t len = token->end - token->start;

    if (token->code == T_END) {
        str_copy(out, size, "the end of the text");
        return;
    }
    buf_addc(&buf, '\'');
    buf_add(&buf, p->text + token->start, len > 40 ? 40 : len);
    buf_adds(&buf, len > 40 ? "…'" : "'");
    str_copy(out, size, buf_str(&buf));
    buf_fini(&buf);
}

static void report(struct parser *p, const struct failure *failure, struct err *err)
{
    char found[64];
    size_t index = failure->token;
    const char *hint = failure->hint;
    const char *near = failure->message == NULL ? misspelling(p, &index) : NULL;

    found_text(p, index, found, sizeof(found));
    if (failure->message != NULL) {
        err_set(err, ERR_SQL, "syntax error: %s", failure->message);
    } else if (index != failure->token) {
        err_set(err, ERR_SQL, "syntax error: found %s", found);
    } else {
        err_set(err, ERR_SQL, "syntax error: found %s, expected %s", found,
                failure->expected);
    }
    err_at_offset(err, NULL, p->text, p->len, p->tokens[index].start);
    if (near != NULL) {
        err_hint(err, "did you mean %s?", near);
    } else if (hint != NULL) {
        err_hint(err, "%s", hint);
    }
}

void sql_p_report(struct parser *p, struct err *err)
{
    report(p, &p->failure, err);
}

/* Entries. */

static struct err *problem(struct parser *p, const struct failure *failure)
{
    struct err *err = arena_new(p->arena, struct err);

    report(p, failure, err);
    return err;
}

/* Nothing of a tree that broke off is left for readers to trip over. */
static void forget(struct sql_statement *statement, enum sql_statement_kind named)
{
    *statement = (struct sql_statement){
        .kind = SQL_STATEMENT_UNKNOWN, .named = named, .at = statement->at};
}

static int parse_tokens(struct parser *p, struct sql_statement *out, struct err *err)
{
    uint32_t last = 0;

    for (size_t i = p->count - 1; i-- > 0;) {
        if (p->tokens[i].code != ';') {
            last = p->tokens[i].end;
            break;
        }
    }
    out->at = (struct sql_span){sql_p_start(p), last};
    if (last == 0) {
        out->kind = out->named = SQL_STATEMENT_EMPTY;
        out->at.end = out->at.start;
        return 0;
    }
    sql_p_statement(p, out);
    while (sql_p_accept(p, ';')) {
    }
    if (!sql_p_is(p, T_END)) {
        sql_p_fail(p, "the end of the statement");
    }
    out->named = out->kind;
    if (!p->failure.set) {
        out->problem = p->note.set ? problem(p, &p->note) : NULL;
        return 0;
    }
    if (sql_p_certain(p)) {
        sql_p_report(p, err);
        return -1;
    }
    forget(out, out->kind);
    out->problem = problem(p, &p->failure);
    return 0;
}

int sql_parse_part(struct arena *arena, const char *text, size_t len, size_t start,
                   size_t end, struct sql_statement **out, struct err *err)
{
    struct parser parser;

    *out = arena_new(arena, struct sql_statement);
    if (end > len) {
        end = len;
    }
    if (start > end) {
        start = end;
    }
    if (sql_p_begin(&parser, arena, text, len, start, end, err) != 0) {
        return -1;
    }
    return parse_tokens(&parser, *out, err);
}

int sql_parse(struct arena *arena, const char *text, size_t len,
              struct sql_statement **out, struct err *err)
{
    return sql_parse_part(arena, text, len, 0, len, out, err);
}

/* The end of a strict entry. */
static int finish(struct parser *p, struct err *err)
{
    if (!sql_p_is(p, T_END)) {
        sql_p_fail(p, "the end of the text");
    }
    if (!p->failure.set) {
        return 0;
    }
    sql_p_report(p, err);
    return -1;
}

int sql_parse_query(struct arena *arena, const char *text, size_t len,
                    struct sql_query **out, struct err *err)
{
    struct parser parser;

    if (sql_p_begin(&parser, arena, text, len, 0, len, err) != 0) {
        return -1;
    }
    *out = sql_p_query(&parser);
    sql_p_accept(&parser, ';');
    return finish(&parser, err);
}

int sql_parse_expr(struct arena *arena, const char *text, size_t len,
                   struct sql_expr **out, struct err *err)
{
    struct parser parser;

    if (sql_p_begin(&parser, arena, text, len, 0, len, err) != 0) {
        return -1;
    }
    *out = sql_p_expr(&parser);
    return finish(&parser, err);
}

int sql_parse_type(struct arena *arena, const char *text, size_t len,
                   struct sql_type_spec **out, struct err *err)
{
    struct parser parser;

    if (sql_p_begin(&parser, arena, text, len, 0, len, err) != 0) {
        return -1;
    }
    *out = sql_p_type(&parser);
    return finish(&parser, err);
}

int sql_parse_table_elements(struct arena *arena, const char *text, size_t len,
                             struct sql_table_def **out, struct err *err)
{
    struct parser parser;

    if (sql_p_begin(&parser, arena, text, len, 0, len, err) != 0) {
        return -1;
    }
    *out = arena_new(arena, struct sql_table_def);
    if (!sql_p_is(&parser, T_END)) {
        sql_p_table_elements(&parser, *out);
        sql_p_require_types(&parser, *out, false);
    }
    return finish(&parser, err);
}

int sql_parse_name(struct arena *arena, const char *text, size_t len,
                   struct sql_name *out, struct err *err)
{
    struct parser parser;

    if (sql_p_begin(&parser, arena, text, len, 0, len, err) != 0) {
        return -1;
    }
    *out = sql_p_name(&parser);
    return finish(&parser, err);
}

const char *sql_statement_kind_name(enum sql_statement_kind kind)
{
    static const char *const names[] = {
#define X(name) #name,
        SQL_STATEMENTS(X)
#undef X
    };

    return names[kind];
}
