noinst_LIBRARIES += libcompile.a
compile_macros = \
	src/compile/macros/adapter.sql \
	src/compile/macros/crossdb.sql \
	src/compile/macros/dispatch.sql \
	src/compile/macros/tests.sql \
	src/compile/macros/confluent.sql
libcompile_a_SOURCES = \
	src/compile/adapter.c \
	src/compile/base_func.c \
	src/compile/column.c \
	src/compile/compile.c src/compile/compile.h \
	src/compile/compile_text.c \
	src/compile/compiler.c \
	src/compile/config_object.c \
	src/compile/constraint.c src/compile/constraint.h \
	src/compile/datetime.c src/compile/datetime.h \
	src/compile/datetime_new.c \
	src/compile/datetime_object.h \
	src/compile/context.c \
	src/compile/context_func.c \
	src/compile/context_table.c \
	src/compile/context_value.c \
	src/compile/duration.c src/compile/duration.h \
	src/compile/exceptions.c \
	src/compile/inject.c \
	src/compile/iso_week.c \
	src/compile/internal.h \
	src/compile/load_hooks.c \
	src/compile/macro_uses.c \
	src/compile/modules.c \
	src/compile/moment.c src/compile/moment.h \
	src/compile/moment_parse.c \
	src/compile/moment_text.c \
	src/compile/record.c \
	src/compile/regex.c src/compile/regex.h \
	src/compile/regex_group.c \
	src/compile/regex_match.c \
	src/compile/regex_parser.h \
	src/compile/regex_syntax.c \
	src/compile/relation.c \
	src/compile/refuse.c src/compile/refuse.h \
	src/compile/resolve.c \
	src/compile/seed.c src/compile/seed.h \
	src/compile/statement.c \
	src/compile/statement_name.c src/compile/statement_name.h \
	src/compile/table.c \
	src/compile/test_args.c \
	src/compile/unit.c \
	src/compile/zone.c
nodist_libcompile_a_SOURCES = src/compile/builtin_macros.c

# The macros of dbt and dbt_confluent, as C strings.
src/compile/builtin_macros.c: $(compile_macros) src/compile/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/compile && \
	(cd $(srcdir) && awk -f src/compile/embed.awk $(compile_macros)) > $@.tmp && \
	mv $@.tmp $@
CLEANFILES += src/compile/builtin_macros.c
EXTRA_DIST += $(compile_macros) src/compile/embed.awk

noinst_PROGRAMS += tests/tools/project_compile
tests_tools_project_compile_SOURCES = tests/tools/project_compile.c
tests_tools_project_compile_LDADD = $(compile_libs)

noinst_PROGRAMS += tests/tools/dbt_render
tests_tools_dbt_render_SOURCES = tests/tools/jinja_render.c \
	tests/tools/render_dbt.c tests/tools/render_scope.h
tests_tools_dbt_render_LDADD = $(compile_libs)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_compile
tests_unit_test_compile_SOURCES = tests/unit/test_compile.c
tests_unit_test_compile_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compile_LDADD = $(compile_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_compile_run
tests_unit_test_compile_run_SOURCES = tests/unit/test_compile_run.c
tests_unit_test_compile_run_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compile_run_LDADD = $(compile_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_statement_name
tests_unit_test_statement_name_SOURCES = tests/unit/test_statement_name.c
tests_unit_test_statement_name_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_statement_name_LDADD = $(compile_libs) $(CMOCKA_LIBS)
endif

TESTS += tests/golden/compile.sh
EXTRA_DIST += tests/golden/compile.sh tests/golden/compile \
	tests/clients/check_compile tests/clients/check_modules \
	tests/clients/check_switch tests/clients/jinja/modules.py tests/clients/compile_record.py

if FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_modules
tests_fuzz_fuzz_modules_SOURCES = tests/fuzz/fuzz_modules.c
tests_fuzz_fuzz_modules_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_modules_LDADD = $(compile_libs)
endif
EXTRA_DIST += tests/fuzz/fuzz_modules.c
