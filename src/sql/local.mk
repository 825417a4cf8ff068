noinst_LIBRARIES += libsql.a
libsql_a_SOURCES = \
	src/sql/catalog.h \
	src/sql/infer.h \
	src/sql/type.h
