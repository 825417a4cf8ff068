noinst_LIBRARIES += librun.a
librun_a_SOURCES = \
	src/run/change.c \
	src/run/check.c \
	src/run/cloud.c \
	src/run/explain.c \
	src/run/judge.c \
	src/run/machine.h \
	src/run/poll.c \
	src/run/report.c \
	src/run/retry.c src/run/retry.h \
	src/run/run.h \
	src/run/scheduler.c \
	src/run/step.c \
	src/run/submit.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_run
tests_unit_test_run_SOURCES = tests/unit/test_run.c tests/unit/fake_cloud.c \
	tests/unit/fake_cloud.h tests/unit/cmocka_all.h
tests_unit_test_run_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_run_LDADD = librun.a $(flink_libs) $(CMOCKA_LIBS)
endif
