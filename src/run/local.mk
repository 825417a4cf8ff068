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
