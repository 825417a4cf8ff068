#include "config.h"

#include "shell/syntax.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

static const struct syntax statements[] = {
    {"ALTER MATERIALIZED TABLE", "change or suspend a materialized table",
     "ALTER MATERIALIZED TABLE name AS query\n"
     "ALTER MATERIALIZED TABLE name ADD ( column [, ...] )\n"
     "ALTER MATERIALIZED TABLE name MODIFY WATERMARK FOR column AS expression\n"
     "ALTER MATERIALIZED TABLE name DROP WATERMARK\n"
     "ALTER MATERIALIZED TABLE name SET ( 'key' = 'value' [, ...] )\n"
     "ALTER MATERIALIZED TABLE name RESET ( 'key' [, ...] )\n"
     "ALTER MATERIALIZED TABLE name SUSPEND"},
    {"ALTER TABLE", "change options, watermark or columns of a table",
     "ALTER TABLE name ADD ( column data_type METADATA [FROM 'key'] [VIRTUAL]\n"
     "                     | column AS expression [, ...] )\n"
     "ALTER TABLE name MODIFY WATERMARK FOR column AS expression\n"
     "ALTER TABLE name DROP WATERMARK\n"
     "ALTER TABLE name MODIFY column ...\n"
     "ALTER TABLE name DROP column\n"
     "ALTER TABLE name SET ( 'key' = 'value' [, ...] )\n"
     "ALTER TABLE name RESET ( 'key' [, ...] )"},
    {"ALTER VIEW", "rename a view or change its query",
     "ALTER VIEW name RENAME TO new_name\nALTER VIEW name AS query"},
    {"CREATE FUNCTION", "register a user-defined function",
     "CREATE FUNCTION [IF NOT EXISTS] name AS 'class'\n"
     "    USING JAR 'confluent-artifact://artifact-id[/version-id]'"},
    {"CREATE MATERIALIZED TABLE", "create a table that a query keeps up to date",
     "CREATE [OR ALTER] MATERIALIZED TABLE [IF NOT EXISTS] name\n"
     "    [ ( { column [data_type] | WATERMARK FOR column AS expression\n"
     "        | PRIMARY KEY ( column [, ...] ) NOT ENFORCED } [, ...] ) ]\n"
     "    [COMMENT 'text']\n"
     "    [DISTRIBUTED BY HASH ( column [, ...] ) [INTO n BUCKETS]]\n"
     "    [WITH ( 'key' = 'value' [, ...] )]\n"
     "    [START_MODE = mode]\n"
     "    AS query\n"
     "\n"
     "mode: FROM_BEGINNING | FROM_NOW [ ( INTERVAL 'n' unit ) ]\n"
     "    | FROM_TIMESTAMP ( 'timestamp' ) | RESUME_OR_FROM_BEGINNING\n"
     "    | RESUME_OR_FROM_NOW [ ( INTERVAL 'n' unit ) ]\n"
     "    | RESUME_OR_FROM_TIMESTAMP ( 'timestamp' )\n"
     "IF NOT EXISTS can't go with OR ALTER."},
    {"CREATE TABLE", "create a table: a Kafka topic with its schemas",
     "CREATE TABLE [IF NOT EXISTS] [catalog.][database.]name (\n"
     "    { column data_type [NOT NULL] [COMMENT 'text']\n"
     "    | column data_type METADATA [FROM 'key'] [VIRTUAL]\n"
     "    | column AS expression\n"
     "    | WATERMARK FOR column AS expression\n"
     "    | [CONSTRAINT name] PRIMARY KEY ( column [, ...] ) NOT ENFORCED } [, ...]\n"
     ")\n"
     "    [COMMENT 'text']\n"
     "    [DISTRIBUTED BY [HASH] ( column [, ...] ) [INTO n BUCKETS]\n"
     "    | DISTRIBUTED INTO n BUCKETS]\n"
     "    [WITH ( 'key' = 'value' [, ...] )]\n"
     "    [LIKE table [ ( { INCLUDING | EXCLUDING | OVERWRITING } what [...] ) ]]\n"
     "    [AS query]\n"
     "\n"
     "what: ALL | CONSTRAINTS | GENERATED | OPTIONS | PARTITIONS | WATERMARKS\n"
     "Key columns come first, in the order of the key."},
    {"CREATE VIEW", "give a query a name",
     "CREATE VIEW [IF NOT EXISTS] [catalog.][database.]name\n"
     "    [ ( column [, ...] ) ] [COMMENT 'text']\n"
     "    AS query"},
    {"DESCRIBE", "show the columns of a table or view",
     "DESCRIBE [EXTENDED] [catalog.][database.]name"},
    {"DROP FUNCTION", "remove a function", "DROP FUNCTION [IF EXISTS] name"},
    {"DROP MATERIALIZED TABLE", "remove a materialized table, its query and its data",
     "DROP MATERIALIZED TABLE [IF EXISTS] [catalog.][database.]name"},
    {"DROP TABLE", "remove a table and its data",
     "DROP TABLE [IF EXISTS] [catalog.][database.]name\n"
     "\n"
     "The Kafka topic goes with it; Schema Registry subjects stay."},
    {"DROP VIEW", "remove a view", "DROP VIEW [IF EXISTS] [catalog.][database.]name"},
    {"EXECUTE STATEMENT SET", "run several INSERTs as one statement",
     "EXECUTE STATEMENT SET\n"
     "BEGIN\n"
     "    INSERT INTO table query ;\n"
     "    [...]\n"
     "END ;"},
    {"EXPLAIN", "show how a statement would run",
     "EXPLAIN { query | INSERT ... | CREATE TABLE ... AS ... | STATEMENT SET BEGIN ... "
     "END }"},
    {"INSERT", "write rows, or keep writing what a query gives",
     "INSERT INTO [catalog.][database.]table [ ( column [, ...] ) ]\n"
     "    { query | VALUES ( value [, ...] ) [, ...] }"},
    {"RESET", "forget a property of later statements",
     "RESET\nRESET 'key'\n\nKept by this shell; the server is not asked."},
    {"SELECT", "ask for rows",
     "[ WITH name [ ( column [, ...] ) ] AS ( query ) [, ...] ]\n"
     "SELECT [ALL | DISTINCT] { * | expression [[AS] alias] } [, ...]\n"
     "    FROM { table | ( query ) } [[AS] alias] [FOR SYSTEM_TIME AS OF time]\n"
     "         [ [INNER | LEFT | RIGHT | FULL] JOIN table ON condition ]\n"
     "         [ CROSS JOIN UNNEST ( array ) [AS] alias ( column ) ]\n"
     "    [MATCH_RECOGNIZE ( ... )]\n"
     "    [WHERE condition]\n"
     "    [GROUP BY { expression [, ...] | GROUPING SETS ( ... ) | CUBE ( ... )\n"
     "              | ROLLUP ( ... ) }]\n"
     "    [HAVING condition]\n"
     "    [WINDOW name AS ( ... )]\n"
     "    [{ UNION | INTERSECT | EXCEPT } [ALL] query]\n"
     "    [ORDER BY expression [ASC | DESC] [, ...]] [LIMIT n]\n"
     "\n"
     "Windows: FROM TABLE( TUMBLE | HOP | CUMULATE | SESSION ( TABLE t,\n"
     "         DESCRIPTOR(time), INTERVAL 'n' unit [, ...] ) )"},
    {"SET", "set a property of later statements, or show them",
     "SET\nSET 'key' = 'value'\n"
     "\n"
     "Kept by this shell and sent with every statement; 'sql.current-catalog' and\n"
     "'sql.current-database' act as USE."},
    {"SHOW", "list what there is",
     "SHOW CATALOGS\nSHOW DATABASES\nSHOW TABLES [LIKE 'pattern']\nSHOW VIEWS\n"
     "SHOW FUNCTIONS\nSHOW JOBS\nSHOW CONNECTIONS\nSHOW MODELS\n"
     "SHOW CURRENT CATALOG\nSHOW CURRENT DATABASE\n"
     "SHOW CREATE { TABLE | VIEW | MATERIALIZED TABLE } name"},
    {"USE", "change the current catalog or database",
     "USE database\nUSE CATALOG environment\nUSE environment.database"},
    {"VALUES", "give literal rows", "VALUES ( value [, ...] ) [, ...]"},
};

const struct syntax *syntax_all(size_t *count)
{
    *count = sizeof(statements) / sizeof(statements[0]);
    return statements;
}

static void add_list(struct buf *out)
{
    size_t count;
    const struct syntax *all = syntax_all(&count);

    buf_adds(out, "Statements (\\h NAME shows one):\n");
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "  %-26s  %s\n", all[i].name, all[i].summary);
    }
}

bool syntax_help(const char *name, struct buf *out)
{
    size_t len = strlen(name);
    bool found = false;

    while (len > 0 && (name[len - 1] == ';' || name[len - 1] == ' ')) {
        len--;
    }
    if (len == 0) {
        add_list(out);
        return true;
    }
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        const struct syntax *one = &statements[i];
        if (len == 1 && name[0] == '*') {
            found = true;
        } else if (strncasecmp(one->name, name, len) != 0) {
            continue;
        }
        buf_addf(out, "%s%s: %s\n\n%s\n", found ? "\n" : "", one->name, one->summary,
                 one->text);
        found = true;
    }
    return found;
}
