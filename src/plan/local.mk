noinst_LIBRARIES += libplan.a
libplan_a_SOURCES = \
	src/plan/plan.h \
	src/plan/statement_name.c src/plan/statement_name.h \
	src/plan/step.c src/plan/step.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_statement_name
tests_unit_test_statement_name_SOURCES = tests/unit/test_statement_name.c
tests_unit_test_statement_name_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_statement_name_LDADD = $(plan_libs) $(CMOCKA_LIBS)
endif
