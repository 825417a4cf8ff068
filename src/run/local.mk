noinst_LIBRARIES += librun.a
librun_a_SOURCES = \
	src/run/change.c \
	src/run/check.c \
	src/run/cloud.c \
	src/run/explain.c \
	src/run/judge.c \
	src/run/machine.h \
	src/run/node.c \
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

noinst_PROGRAMS += tests/tools/run_bench
tests_tools_run_bench_SOURCES = tests/tools/run_bench.c
tests_tools_run_bench_CFLAGS = $(AX_CFLAGS)
tests_tools_run_bench_LDADD = librun.a $(flink_libs)

noinst_PROGRAMS += tests/tools/kill_proxy
tests_tools_kill_proxy_SOURCES = tests/tools/kill_proxy.c
tests_tools_kill_proxy_CFLAGS = $(AX_CFLAGS)
tests_tools_kill_proxy_LDADD = $(base_libs)

TESTS += tests/run/kill_sweep tests/run/hostile
EXTRA_DIST += tests/bench/run/speed tests/run/hostile tests/run/kill_sweep \
	tests/run/project/dbt_project.yml \
	tests/run/project/profiles.yml \
	tests/run/project/models/clicks.sql \
	tests/run/project/models/clicks_clean.sql \
	tests/run/project/models/clicks_home.sql \
	tests/run/project/models/clicks_mt.sql \
	tests/run/project/models/clicks_view.sql \
	tests/run/project/seeds/names.csv \
	tests/run/project/seeds/names.yml
