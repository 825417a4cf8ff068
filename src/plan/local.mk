noinst_LIBRARIES += libplan.a
libplan_a_SOURCES = \
	src/plan/action.c \
	src/plan/columns.c src/plan/columns.h \
	src/plan/model_config.c src/plan/model_config.h \
	src/plan/model_config_keys.c \
	src/plan/model_config_start_mode.c \
	src/plan/definition.c \
	src/plan/digest.c \
	src/plan/edges.c \
	src/plan/materialize.h \
	src/plan/materialize_materialized_table.c \
	src/plan/materialize_streaming_source.c \
	src/plan/materialize_streaming_table.c \
	src/plan/materialize_table.c \
	src/plan/materialize_view.c \
	src/plan/model.c src/plan/model.h \
	src/plan/observe.c src/plan/observe.h \
	src/plan/orphan.c \
	src/plan/owned.c \
	src/plan/plan.c src/plan/plan.h \
	src/plan/plan_file.c \
	src/plan/plan_load.c \
	src/plan/plan_nodes.c \
	src/plan/plan_observe.c \
	src/plan/plan_seed.c \
	src/plan/plan_verify.c \
	src/plan/planner.h \
	src/plan/readers.c \
	src/plan/replace.c \
	src/plan/snapshot.c \
	src/plan/statement_sql.c src/plan/statement_sql.h \
	src/plan/step.c src/plan/step.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_materialize tests/unit/test_plan_config
tests_unit_test_materialize_SOURCES = tests/unit/test_materialize.c
tests_unit_test_materialize_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_materialize_LDADD = $(plan_libs) $(CMOCKA_LIBS)
tests_unit_test_plan_config_SOURCES = tests/unit/test_plan_config.c
tests_unit_test_plan_config_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plan_config_LDADD = $(plan_libs) $(CMOCKA_LIBS)
endif
