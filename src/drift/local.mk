noinst_LIBRARIES += libdrift.a
libdrift_a_SOURCES = \
	src/drift/drift.c src/drift/drift.h \
	src/drift/option.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_drift
tests_unit_test_drift_SOURCES = tests/unit/test_drift.c
tests_unit_test_drift_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_drift_LDADD = $(drift_libs) $(CMOCKA_LIBS)
endif
