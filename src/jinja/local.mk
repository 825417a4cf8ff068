noinst_LIBRARIES += libjinja.a
libjinja_a_SOURCES = \
	src/jinja/access.c \
	src/jinja/args.c src/jinja/attr.c src/jinja/attr.h \
	src/jinja/blocks.c \
	src/jinja/call.c \
	src/jinja/env.c \
	src/jinja/eval.c \
	src/jinja/exec.c \
	src/jinja/fast.h \
	src/jinja/filter_list.c \
	src/jinja/filter_misc.c \
	src/jinja/filter_string.c \
	src/jinja/format.c src/jinja/format.h \
	src/jinja/format_percent.c src/jinja/format_spec.h \
	src/jinja/globals.c \
	src/jinja/internal.h \
	src/jinja/jinja.h \
	src/jinja/json_text.c src/jinja/json_text.h \
	src/jinja/lex.c src/jinja/lex.h \
	src/jinja/list_methods.c \
	src/jinja/literal.c \
	src/jinja/loop.c \
	src/jinja/macro.c \
	src/jinja/mention.c src/jinja/mention.h \
	src/jinja/native.c src/jinja/native.h \
	src/jinja/node.h \
	src/jinja/number.c src/jinja/number.h \
	src/jinja/object.h \
	src/jinja/objects.c src/jinja/objects.h \
	src/jinja/ops.c \
	src/jinja/parse.c src/jinja/parse.h \
	src/jinja/parse_expr.c \
	src/jinja/parse_macro.c \
	src/jinja/parse_postfix.c \
	src/jinja/pprint.c src/jinja/pprint.h \
	src/jinja/resolve.c src/jinja/resolve.h \
	src/jinja/resolve_visit.c \
	src/jinja/run.c \
	src/jinja/sort.c src/jinja/sort.h \
	src/jinja/static_look.c \
	src/jinja/str_methods.c \
	src/jinja/string_literal.c src/jinja/string_literal.h \
	src/jinja/strings.c src/jinja/strings.h \
	src/jinja/tests.c \
	src/jinja/text.c \
	src/jinja/urlize.c src/jinja/urlize.h \
	src/jinja/wrap.c src/jinja/wrap.h
libjinja_a_CFLAGS = $(AX_CFLAGS) $(PCRE2_CFLAGS) $(GMP_CFLAGS)

noinst_PROGRAMS += tests/tools/jinja_render
tests_tools_jinja_render_SOURCES = tests/tools/jinja_render.c \
	tests/tools/render_jinja.c tests/tools/render_scope.h
tests_tools_jinja_render_LDADD = $(jinja_libs)

noinst_PROGRAMS += tests/tools/jinja_bench
tests_tools_jinja_bench_SOURCES = tests/tools/jinja_bench.c
tests_tools_jinja_bench_LDADD = $(jinja_libs)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_jinja
tests_unit_test_jinja_SOURCES = tests/unit/test_jinja.c tests/unit/cmocka_all.h
tests_unit_test_jinja_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_jinja_LDADD = $(jinja_libs) $(CMOCKA_LIBS)
endif

EXTRA_DIST += \
	tests/golden/jinja/cases.jsonl \
	tests/clients/check_jinja \
	tests/clients/jinja/cases.py \
	tests/clients/jinja/compare.py \
	tests/clients/jinja/reference.py \
	tests/bench/jinja/bench.py \
	tests/bench/jinja/loops.jinja \
	tests/bench/jinja/macros.jinja \
	tests/bench/jinja/text.jinja \
	tests/fuzz/jinja.dict

if FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_jinja
tests_fuzz_fuzz_jinja_SOURCES = tests/fuzz/fuzz_jinja.c
tests_fuzz_fuzz_jinja_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_jinja_LDADD = $(jinja_libs)
endif
EXTRA_DIST += tests/fuzz/fuzz_jinja.c
