#include "config.h"

#include "sandbox/catalog.h"

#include <string.h>

#include "base/buf.h"

/* Tables of INFORMATION_SCHEMA, columns in the documented order; "#" = INT, "?" = may
 * be NULL. */
#define TABLE_COLUMNS                                                                  \
    "TABLE_CATALOG_ID,TABLE_CATALOG,TABLE_SCHEMA_ID,TABLE_SCHEMA,TABLE_NAME"
#define CONSTRAINT_COLUMNS                                                             \
    "CONSTRAINT_CATALOG_ID,CONSTRAINT_CATALOG,CONSTRAINT_SCHEMA_ID,CONSTRAINT_SCHEMA," \
    "CONSTRAINT_NAME"

static const struct {
    const char *name;
    const char *columns;
} tables[] = {
    {"CATALOGS", "CATALOG_ID,CATALOG_NAME"},
    {"INFORMATION_SCHEMA_CATALOG_NAME", "CATALOG_ID,CATALOG_NAME"},
    {"SCHEMATA", "CATALOG_ID,CATALOG_NAME,SCHEMA_ID,SCHEMA_NAME"},
    {"DATABASES", "CATALOG_ID,CATALOG_NAME,SCHEMA_ID,SCHEMA_NAME"},
    {"TABLES", TABLE_COLUMNS ",TABLE_TYPE,IS_DISTRIBUTED,DISTRIBUTION_ALGORITHM?,"
                             "DISTRIBUTION_BUCKETS#?,IS_WATERMARKED,WATERMARK_COLUMN?,"
                             "WATERMARK_EXPRESSION?,WATERMARK_IS_HIDDEN?,COMMENT?,"
                             "IS_MATERIALIZED"},
    {"TABLE_OPTIONS", TABLE_COLUMNS ",OPTION_KEY,OPTION_VALUE"},
    {"COLUMNS", TABLE_COLUMNS
     ",COLUMN_NAME,ORDINAL_POSITION#,IS_NULLABLE,DATA_TYPE,FULL_DATA_TYPE,IS_HIDDEN,"
     "IS_GENERATED,GENERATION_EXPRESSION?,IS_METADATA,METADATA_KEY?,IS_PERSISTED,"
     "DISTRIBUTION_ORDINAL_POSITION#?,COMMENT?"},
    {"TABLE_CONSTRAINTS",
     CONSTRAINT_COLUMNS "," TABLE_COLUMNS ",CONSTRAINT_TYPE,ENFORCED"},
    {"KEY_COLUMN_USAGE",
     CONSTRAINT_COLUMNS "," TABLE_COLUMNS ",COLUMN_NAME,ORDINAL_POSITION#"},
    {"VIEWS", TABLE_COLUMNS ",VIEW_DEFINITION"},
    {"ROUTINES",
     "SPECIFIC_CATALOG_ID,SPECIFIC_CATALOG,SPECIFIC_SCHEMA_ID,SPECIFIC_SCHEMA,"
     "SPECIFIC_NAME,ROUTINE_NAME,ROUTINE_TYPE,FULL_DATA_TYPE?,EXTERNAL_NAME?,"
     "EXTERNAL_LANGUAGE?,EXTERNAL_ARTIFACTS?,IS_DETERMINISTIC?,CREATED?,"
     "FUNCTION_KIND?"},
    {"PARAMETERS",
     "SPECIFIC_CATALOG_ID,SPECIFIC_CATALOG,SPECIFIC_SCHEMA_ID,SPECIFIC_SCHEMA,"
     "SPECIFIC_NAME,ROUTINE_NAME,ORDINAL_POSITION#,PARAMETER_NAME?,FULL_DATA_TYPE,"
     "IS_OPTIONAL?,TRAITS?"},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MAX_COLUMNS  24

/*
 * The views that answer for them; each starts with the environment it belongs to.
 * `all_relation` has the tables of INFORMATION_SCHEMA too, with negative ids.
 */
static const char views[] =
    "CREATE TEMP TABLE system_table(id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TEMP TABLE system_column(id INT, position INT, name TEXT, is_int INT,"
    " nullable INT, PRIMARY KEY(id, position)) WITHOUT ROWID;"

    "CREATE TEMP VIEW all_relation AS SELECT r.env, r.id, e.name AS env_name, r.db,"
    " d.name AS db_name, r.name, r.kind, r.comment, r.buckets, r.watermark_column,"
    " r.watermark, r.watermark_hidden, r.pk_name, r.query FROM main.relation r"
    " JOIN main.environment e ON e.id = r.env JOIN main.database d ON d.id = r.db"
    " UNION ALL SELECT e.id, -s.id, e.name, 'INFORMATION_SCHEMA',"
    " 'INFORMATION_SCHEMA', s.name, 3, NULL, 0, NULL, NULL, 0, NULL, NULL"
    " FROM main.environment e, system_table s;"

    "CREATE TEMP VIEW is_CATALOGS AS SELECT NULL AS _env, id AS CATALOG_ID,"
    " name AS CATALOG_NAME FROM main.environment;"
    "CREATE TEMP VIEW is_INFORMATION_SCHEMA_CATALOG_NAME AS SELECT id AS _env,"
    " id AS CATALOG_ID, name AS CATALOG_NAME FROM main.environment;"
    "CREATE TEMP VIEW is_SCHEMATA AS SELECT e.id AS _env, e.id AS CATALOG_ID,"
    " e.name AS CATALOG_NAME, d.id AS SCHEMA_ID, d.name AS SCHEMA_NAME"
    " FROM main.database d JOIN main.environment e ON e.id = d.env"
    " UNION ALL SELECT id, id, name, 'INFORMATION_SCHEMA', 'INFORMATION_SCHEMA'"
    " FROM main.environment;"
    "CREATE TEMP VIEW is_DATABASES AS SELECT * FROM is_SCHEMATA;"

    "CREATE TEMP VIEW is_TABLES AS SELECT env AS _env, env AS TABLE_CATALOG_ID,"
    " env_name AS TABLE_CATALOG, db AS TABLE_SCHEMA_ID, db_name AS TABLE_SCHEMA,"
    " name AS TABLE_NAME, CASE kind WHEN 1 THEN 'VIEW' WHEN 3 THEN 'SYSTEM TABLE'"
    " ELSE 'BASE TABLE' END AS TABLE_TYPE,"
    " iif(buckets > 0, 'YES', 'NO') AS IS_DISTRIBUTED,"
    " iif(buckets > 0, 'HASH', NULL) AS DISTRIBUTION_ALGORITHM,"
    " nullif(buckets, 0) AS DISTRIBUTION_BUCKETS,"
    " iif(watermark_column IS NULL, 'NO', 'YES') AS IS_WATERMARKED,"
    " watermark_column AS WATERMARK_COLUMN, watermark AS WATERMARK_EXPRESSION,"
    " iif(watermark_column IS NULL, NULL, iif(watermark_hidden, 'YES', 'NO'))"
    " AS WATERMARK_IS_HIDDEN, comment AS COMMENT,"
    " iif(kind = 2, 'YES', 'NO') AS IS_MATERIALIZED FROM all_relation;"

    "CREATE TEMP VIEW is_TABLE_OPTIONS AS SELECT r.env AS _env,"
    " r.env AS TABLE_CATALOG_ID, e.name AS TABLE_CATALOG, r.db AS TABLE_SCHEMA_ID,"
    " d.name AS TABLE_SCHEMA, r.name AS TABLE_NAME, o.key AS OPTION_KEY,"
    " o.value AS OPTION_VALUE FROM main.relation r JOIN main.environment e"
    " ON e.id = r.env JOIN main.database d ON d.id = r.db JOIN main.relation_option o"
    " ON o.relation = r.id;"

    "CREATE TEMP VIEW is_COLUMNS AS SELECT r.env AS _env, r.env AS TABLE_CATALOG_ID,"
    " e.name AS TABLE_CATALOG, r.db AS TABLE_SCHEMA_ID, d.name AS TABLE_SCHEMA,"
    " r.name AS TABLE_NAME, c.name AS COLUMN_NAME, c.position AS ORDINAL_POSITION,"
    " iif(c.nullable, 'YES', 'NO') AS IS_NULLABLE, c.data_type AS DATA_TYPE,"
    " c.full_type AS FULL_DATA_TYPE, iif(c.hidden, 'YES', 'NO') AS IS_HIDDEN,"
    " iif(c.kind = 1, 'YES', 'NO') AS IS_GENERATED,"
    " c.expression AS GENERATION_EXPRESSION,"
    " iif(c.kind = 2, 'YES', 'NO') AS IS_METADATA,"
    " c.metadata_key AS METADATA_KEY,"
    " iif(c.kind = 1 OR c.is_virtual, 'NO', 'YES') AS IS_PERSISTED,"
    " c.distribution AS DISTRIBUTION_ORDINAL_POSITION, c.comment AS COMMENT"
    " FROM main.relation r JOIN main.environment e ON e.id = r.env"
    " JOIN main.database d ON d.id = r.db JOIN main.relation_column c"
    " ON c.relation = r.id"
    " UNION ALL SELECT e.id, e.id, e.name, 'INFORMATION_SCHEMA',"
    " 'INFORMATION_SCHEMA', s.name, c.name, c.position, iif(c.nullable, 'YES', 'NO'),"
    " iif(c.is_int, 'INTEGER', 'VARCHAR'),"
    " iif(c.is_int, 'INT', 'VARCHAR(2147483647)'), 'NO', 'NO', NULL, 'NO', NULL,"
    " 'YES', NULL, NULL FROM main.environment e, system_table s"
    " JOIN system_column c ON c.id = s.id;"

    "CREATE TEMP VIEW is_TABLE_CONSTRAINTS AS SELECT r.env AS _env,"
    " r.env AS CONSTRAINT_CATALOG_ID, e.name AS CONSTRAINT_CATALOG,"
    " r.db AS CONSTRAINT_SCHEMA_ID, d.name AS CONSTRAINT_SCHEMA,"
    " r.pk_name AS CONSTRAINT_NAME, r.env AS TABLE_CATALOG_ID,"
    " e.name AS TABLE_CATALOG, r.db AS TABLE_SCHEMA_ID, d.name AS TABLE_SCHEMA,"
    " r.name AS TABLE_NAME, 'PRIMARY KEY' AS CONSTRAINT_TYPE, 'NO' AS ENFORCED"
    " FROM main.relation r JOIN main.environment e ON e.id = r.env"
    " JOIN main.database d ON d.id = r.db WHERE r.pk_name IS NOT NULL;"

    "CREATE TEMP VIEW is_KEY_COLUMN_USAGE AS SELECT k.*, c.name AS COLUMN_NAME,"
    " c.pk AS ORDINAL_POSITION FROM (SELECT r.env AS _env,"
    " r.env AS CONSTRAINT_CATALOG_ID, e.name AS CONSTRAINT_CATALOG,"
    " r.db AS CONSTRAINT_SCHEMA_ID, d.name AS CONSTRAINT_SCHEMA,"
    " r.pk_name AS CONSTRAINT_NAME, r.env AS TABLE_CATALOG_ID,"
    " e.name AS TABLE_CATALOG, r.db AS TABLE_SCHEMA_ID, d.name AS TABLE_SCHEMA,"
    " r.name AS TABLE_NAME, r.id AS _id FROM main.relation r"
    " JOIN main.environment e ON e.id = r.env JOIN main.database d ON d.id = r.db"
    " WHERE r.pk_name IS NOT NULL) k JOIN main.relation_column c"
    " ON c.relation = k._id AND c.pk IS NOT NULL;"

    "CREATE TEMP VIEW is_VIEWS AS SELECT r.env AS _env, r.env AS TABLE_CATALOG_ID,"
    " e.name AS TABLE_CATALOG, r.db AS TABLE_SCHEMA_ID, d.name AS TABLE_SCHEMA,"
    " r.name AS TABLE_NAME, r.query AS VIEW_DEFINITION FROM main.relation r"
    " JOIN main.environment e ON e.id = r.env JOIN main.database d ON d.id = r.db"
    " WHERE r.kind = 1;"

    "CREATE TEMP VIEW is_ROUTINES AS SELECT NULL AS _env, NULL AS SPECIFIC_CATALOG_ID,"
    " NULL AS SPECIFIC_CATALOG, NULL AS SPECIFIC_SCHEMA_ID, NULL AS SPECIFIC_SCHEMA,"
    " NULL AS SPECIFIC_NAME, NULL AS ROUTINE_NAME, NULL AS ROUTINE_TYPE,"
    " NULL AS FULL_DATA_TYPE, NULL AS EXTERNAL_NAME, NULL AS EXTERNAL_LANGUAGE,"
    " NULL AS EXTERNAL_ARTIFACTS, NULL AS IS_DETERMINISTIC, NULL AS CREATED,"
    " NULL AS FUNCTION_KIND WHERE 0;"
    "CREATE TEMP VIEW is_PARAMETERS AS SELECT NULL AS _env,"
    " NULL AS SPECIFIC_CATALOG_ID, NULL AS SPECIFIC_CATALOG,"
    " NULL AS SPECIFIC_SCHEMA_ID, NULL AS SPECIFIC_SCHEMA, NULL AS SPECIFIC_NAME,"
    " NULL AS ROUTINE_NAME, NULL AS ORDINAL_POSITION, NULL AS PARAMETER_NAME,"
    " NULL AS FULL_DATA_TYPE, NULL AS IS_OPTIONAL, NULL AS TRAITS WHERE 0;";

/* Takes the next column off the list; false at its end. */
static bool next_column(const char **list, char *name, size_t size, bool *is_int,
                        bool *nullable)
{
    size_t len = strcspn(*list, ",");
    if (len == 0) {
        return false;
    }
    size_t plain = strcspn(*list, ",#?");
    *is_int = memchr(*list, '#', len) != NULL;
    *nullable = memchr(*list, '?', len) != NULL;
    plain = plain < size ? plain : size - 1;
    memcpy(name, *list, plain);
    name[plain] = '\0';
    *list += len;
    *list += **list == ',' ? 1 : 0;
    return true;
}

bool information_table(struct arena *arena, const char *name, struct sql_table *out)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        if (strcmp(tables[i].name, name) != 0) {
            continue;
        }
        struct sql_column *columns = arena_array(arena, struct sql_column, MAX_COLUMNS);
        const char *list = tables[i].columns;
        char column[64];
        bool is_int;
        bool nullable;
        size_t count = 0;
        while (count < MAX_COLUMNS &&
               next_column(&list, column, sizeof(column), &is_int, &nullable)) {
            columns[count].name = arena_strdup(arena, column);
            columns[count++].type =
                sql_type_new(arena, is_int ? SQL_TYPE_INT : SQL_TYPE_VARCHAR,
                             is_int ? 0 : SQL_TYPE_MAX_LENGTH, 0, nullable);
        }
        *out = (struct sql_table){
            .database = "INFORMATION_SCHEMA",
            .name = tables[i].name,
            .kind = SQL_TABLE_SYSTEM,
            .columns = columns,
            .column_count = count,
            .changes = SQL_CHANGES_APPEND,
            .bounded = true,
        };
        return true;
    }
    return false;
}

int information_init(struct sandbox *sandbox, struct err *err)
{
    char *message = NULL;
    if (sqlite3_exec(sandbox->db.handle, views, NULL, NULL, &message) != SQLITE_OK) {
        err_set(err, ERR_INTERNAL, "information schema: %s", message);
        sqlite3_free(message);
        return -1;
    }
    for (size_t i = 0; i < COUNT(tables); i++) {
        const char *list = tables[i].columns;
        char column[64];
        bool is_int;
        bool nullable;
        int position = 1;
        if (db_run(&sandbox->db, err, "INSERT INTO system_table VALUES (?, ?)", "ns",
                   (int)i + 1, tables[i].name) != 0) {
            return -1;
        }
        while (next_column(&list, column, sizeof(column), &is_int, &nullable)) {
            if (db_run(&sandbox->db, err,
                       "INSERT INTO system_column VALUES (?, ?, ?, ?, ?)", "nnsnn",
                       (int)i + 1, position++, column, (int)is_int,
                       (int)nullable) != 0) {
                return -1;
            }
        }
    }
    return 0;
}
