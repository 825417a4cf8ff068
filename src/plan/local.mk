noinst_LIBRARIES += libplan.a
libplan_a_SOURCES = \
	src/plan/plan.h \
	src/plan/step.c src/plan/step.h
