noinst_LIBRARIES += libplan.a
libplan_a_SOURCES = \
	src/plan/config.c \
	src/plan/model.c src/plan/model.h \
	src/plan/plan.h \
	src/plan/step.c src/plan/step.h
