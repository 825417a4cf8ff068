noinst_LIBRARIES += libsql.a
libsql_a_SOURCES = \
	src/sql/ast.h \
	src/sql/catalog.h \
	src/sql/infer.h \
	src/sql/keyword.c src/sql/keyword.h \
	src/sql/keyword_table.h \
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
	src/sql/type.h \
	src/sql/with.c

noinst_PROGRAMS += tests/tools/sql_ast
tests_tools_sql_ast_SOURCES = tests/tools/sql_ast.c
tests_tools_sql_ast_LDADD = $(sql_libs)
