noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/banned.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/diff.c src/base/diff.h \
	src/base/err.c src/base/err.h \
	src/base/log.c src/base/log.h \
	src/base/map.c src/base/map.h \
	src/base/path.c src/base/path.h \
	src/base/str.c src/base/str.h \
	src/base/term.c src/base/term.h \
	src/base/xmalloc.c src/base/xmalloc.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_base
tests_unit_test_base_SOURCES = tests/unit/test_base.c tests/unit/cmocka_all.h
tests_unit_test_base_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_LDADD = $(base_libs) $(CMOCKA_LIBS)
endif
