noinst_LIBRARIES += libsql.a
libsql_a_SOURCES = \
	src/sql/ast.h \
	src/sql/catalog.h \
	src/sql/functions.c src/sql/functions.h \
	src/sql/infer.c src/sql/infer.h \
	src/sql/infer_alter.c \
	src/sql/infer_call.c \
	src/sql/infer_change.c \
	src/sql/infer_ddl.c \
	src/sql/infer_expr.c \
	src/sql/infer_from.c \
	src/sql/infer_impl.h \
	src/sql/infer_insert.c \
	src/sql/infer_literal.c \
	src/sql/infer_match.c \
	src/sql/infer_name.c \
	src/sql/infer_query.c \
	src/sql/infer_select.c \
	src/sql/infer_window.c \
	src/sql/keyword.c src/sql/keyword.h \
	src/sql/keyword_table.h \
	src/sql/memory.c \
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
	src/sql/scan.c src/sql/scan.h \
	src/sql/split.c src/sql/split.h \
	src/sql/type.c src/sql/type.h \
	src/sql/type_parse.c \
	src/sql/type_render.c \
	src/sql/type_rules.c src/sql/type_rules.h \
	src/sql/with.c

noinst_PROGRAMS += tests/tools/sql_ast
tests_tools_sql_ast_SOURCES = tests/tools/sql_ast.c
tests_tools_sql_ast_LDADD = $(sql_libs)

noinst_PROGRAMS += tests/tools/flink_types
tests_tools_flink_types_SOURCES = tests/tools/flink_types.c
tests_tools_flink_types_LDADD = libsql.a $(value_libs)
