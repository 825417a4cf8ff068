noinst_LIBRARIES += libcompile.a
libcompile_a_SOURCES = \
	src/compile/compile.h \
	src/compile/statement_name.c src/compile/statement_name.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_statement_name
tests_unit_test_statement_name_SOURCES = tests/unit/test_statement_name.c
tests_unit_test_statement_name_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_statement_name_LDADD = $(compile_libs) $(CMOCKA_LIBS)
endif
