noinst_LIBRARIES += libsql.a
libsql_a_SOURCES = \
	src/sql/ast.h \
	src/sql/canonical.c src/sql/canonical.h \
	src/sql/catalog.h \
	src/sql/functions.c src/sql/functions.h \
	src/sql/infer.c src/sql/infer.h \
	src/sql/infer_alter.c \
	src/sql/infer_call.c src/sql/infer_call.h \
	src/sql/infer_change.c \
	src/sql/infer_ddl.c \
	src/sql/infer_expr.c \
	src/sql/infer_from.c \
	src/sql/infer_give.c \
	src/sql/infer_impl.h \
	src/sql/infer_insert.c \
	src/sql/infer_keys.c \
	src/sql/infer_literal.c \
	src/sql/infer_match.c \
	src/sql/infer_name.c \
	src/sql/infer_operator.c \
	src/sql/infer_query.c \
	src/sql/infer_rank.c \
	src/sql/infer_select.c src/sql/infer_select.h \
	src/sql/infer_window.c \
	src/sql/keyword.c src/sql/keyword.h \
	src/sql/keyword_table.h \
	src/sql/memory.c \
	src/sql/lineage.c src/sql/lineage.h \
	src/sql/parse.c src/sql/parse.h \
	src/sql/parse_alter.c \
	src/sql/parse_call.c \
	src/sql/parse_create.c \
	src/sql/parse_expr.c \
	src/sql/parse_from.c \
	src/sql/parse_match.c \
	src/sql/parse_primary.c \
	src/sql/parse_query.c \
	src/sql/parse_show.c \
	src/sql/parse_special.c \
	src/sql/parse_statement.c \
	src/sql/parse_table.c \
	src/sql/parse_text.c \
	src/sql/parse_type.c \
	src/sql/parser.c src/sql/parser.h \
	src/sql/render.c src/sql/render.h \
	src/sql/scan.c src/sql/scan.h \
	src/sql/split.c src/sql/split.h \
	src/sql/type.c src/sql/type.h \
	src/sql/type_convert.c src/sql/type_family.h \
	src/sql/type_parse.c \
	src/sql/type_render.c \
	src/sql/type_rules.c src/sql/type_rules.h \
	src/sql/walk.c src/sql/walk.h \
	src/sql/with.c

noinst_PROGRAMS += tests/tools/sql_ast
tests_tools_sql_ast_SOURCES = tests/tools/sql_ast.c \
	tests/tools/sql_dump.c tests/tools/sql_dump.h
tests_tools_sql_ast_LDADD = $(sql_libs)

EXTRA_PROGRAMS += tests/bench/bench_sql
tests_bench_bench_sql_SOURCES = tests/bench/bench_sql.c
tests_bench_bench_sql_LDADD = $(sql_libs)

EXTRA_DIST += tests/fuzz/sql.dict
if FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_sql
tests_fuzz_fuzz_sql_SOURCES = tests/fuzz/fuzz_sql.c
tests_fuzz_fuzz_sql_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_sql_LDADD = $(sql_libs)
else
EXTRA_DIST += tests/fuzz/fuzz_sql.c
endif
TESTS += tests/golden/sql/run
EXTRA_DIST += tests/golden/sql/run \
	tests/golden/sql/canonical.sql tests/golden/sql/canonical.out \
	tests/golden/sql/lineage.sql tests/golden/sql/lineage.out \
	tests/golden/sql/render.sql tests/golden/sql/render.out \
	tests/golden/sql/scan.sql tests/golden/sql/scan.out \
	tests/golden/sql/split.sql tests/golden/sql/split.out \
	tests/golden/sql/tree-ddl.sql tests/golden/sql/tree-ddl.out \
	tests/golden/sql/tree-error.sql tests/golden/sql/tree-error.out \
	tests/golden/sql/tree-expr.sql tests/golden/sql/tree-expr.out \
	tests/golden/sql/tree-query.sql tests/golden/sql/tree-query.out \
	tests/golden/sql/with.sql tests/golden/sql/with.out

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_sql_parse
tests_unit_test_sql_parse_SOURCES = tests/unit/test_sql_parse.c tests/unit/cmocka_all.h
tests_unit_test_sql_parse_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sql_parse_LDADD = $(sql_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_sql_infer
tests_unit_test_sql_infer_SOURCES = tests/unit/test_sql_infer.c tests/unit/cmocka_all.h
tests_unit_test_sql_infer_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sql_infer_LDADD = $(sql_libs) $(CMOCKA_LIBS)
endif

noinst_PROGRAMS += tests/tools/flink_types
tests_tools_flink_types_SOURCES = tests/tools/flink_types.c
tests_tools_flink_types_LDADD = libsql.a $(value_libs)

TESTS += tests/golden/sql/types/run
EXTRA_DIST += tests/golden/sql/types/run \
	tests/golden/sql/types/expressions.jsonl \
	tests/golden/sql/types/models.jsonl \
	tests/golden/sql/types/queries.jsonl \
	tests/golden/sql/types/random-expressions.jsonl \
	tests/golden/sql/types/random-queries.jsonl \
	tests/golden/sql/types/special.jsonl
