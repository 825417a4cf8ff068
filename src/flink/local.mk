noinst_LIBRARIES += libflink.a
libflink_a_CFLAGS = $(AX_CFLAGS) $(CURL_CFLAGS) $(UUID_CFLAGS)
libflink_a_SOURCES = \
	src/flink/call.c \
	src/flink/catalog.c \
	src/flink/catalog_decode.c src/flink/catalog_decode.h \
	src/flink/client.c src/flink/client.h \
	src/flink/create.c \
	src/flink/definition.c src/flink/definition.h \
	src/flink/dry_run.c \
	src/flink/exchange.c \
	src/flink/field.c src/flink/field.h \
	src/flink/list.c \
	src/flink/query.c \
	src/flink/rate.c src/flink/rate.h \
	src/flink/reply.c \
	src/flink/results.c \
	src/flink/rows.c \
	src/flink/statement.c \
	src/flink/statement_call.c \
	src/flink/submit.c src/flink/submit.h \
	src/flink/temporary.c src/flink/temporary.h \
	src/flink/type.c \
	src/flink/wait.c \
	src/flink/catalog.h \
	src/flink/flink.h \
	src/flink/results.h \
	src/flink/statement.h \
	src/flink/type.h

noinst_PROGRAMS += tests/tools/flink_call
tests_tools_flink_call_SOURCES = tests/tools/flink_call.c
tests_tools_flink_call_CFLAGS = $(AX_CFLAGS)
tests_tools_flink_call_LDADD = $(flink_libs)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_flink tests/unit/test_flink_http \
	tests/unit/test_flink_definition
tests_unit_test_flink_SOURCES = tests/unit/test_flink.c tests/unit/cmocka_all.h
tests_unit_test_flink_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_flink_LDADD = $(flink_libs) $(CMOCKA_LIBS)
tests_unit_test_flink_definition_SOURCES = tests/unit/test_flink_definition.c \
	tests/unit/canned_server.c tests/unit/canned_server.h tests/unit/cmocka_all.h
tests_unit_test_flink_definition_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_flink_definition_LDADD = $(flink_libs) $(CMOCKA_LIBS)
tests_unit_test_flink_http_SOURCES = tests/unit/test_flink_http.c \
	tests/unit/canned_server.c tests/unit/canned_server.h tests/unit/cmocka_all.h
tests_unit_test_flink_http_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_flink_http_LDADD = $(flink_libs) $(CMOCKA_LIBS)
endif

if FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_value
tests_fuzz_fuzz_value_SOURCES = tests/fuzz/fuzz_value.c
tests_fuzz_fuzz_value_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_value_LDADD = $(flink_libs)
else
EXTRA_DIST += tests/fuzz/fuzz_value.c
endif
