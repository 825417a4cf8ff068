noinst_LIBRARIES += libsql.a
libsql_a_SOURCES = \
	src/sql/ast.h \
	src/sql/catalog.h \
	src/sql/infer.h \
	src/sql/parse.h \
	src/sql/scan.c src/sql/scan.h \
	src/sql/split.c src/sql/split.h \
	src/sql/type.h \
	src/sql/with.c
