noinst_LIBRARIES += libsandbox.a
libsandbox_a_SOURCES = \
	src/sandbox/api.h \
	src/sandbox/api_change.c \
	src/sandbox/api_check.c \
	src/sandbox/api_control.c \
	src/sandbox/api_list.c \
	src/sandbox/api_neighbour.c \
	src/sandbox/api_result.c \
	src/sandbox/api_statement.c \
	src/sandbox/api_table.c src/sandbox/api_table.h \
	src/sandbox/api_table_json.c \
	src/sandbox/api_table_sql.c \
	src/sandbox/catalog.c src/sandbox/catalog.h \
	src/sandbox/catalog_key.h \
	src/sandbox/catalog_store.c \
	src/sandbox/config_file.c \
	src/sandbox/connection.c src/sandbox/connection.h \
	src/sandbox/count.c src/sandbox/count.h \
	src/sandbox/db.c src/sandbox/db.h \
	src/sandbox/execute.c src/sandbox/execute.h \
	src/sandbox/decimal.c src/sandbox/decimal.h \
	src/sandbox/execute_aggregate.c \
	src/sandbox/execute_call.c \
	src/sandbox/execute_cast.c \
	src/sandbox/execute_cell.c \
	src/sandbox/execute_decimal.c \
	src/sandbox/execute_expr.c \
	src/sandbox/execute_from.c \
	src/sandbox/execute_func.c \
	src/sandbox/execute_group.c \
	src/sandbox/execute_impl.h \
	src/sandbox/execute_json.c \
	src/sandbox/execute_literal.c \
	src/sandbox/execute_operator.c \
	src/sandbox/execute_query.c \
	src/sandbox/execute_regex.c \
	src/sandbox/execute_relation.c \
	src/sandbox/execute_select.c \
	src/sandbox/execute_special.c \
	src/sandbox/execute_textfunc.c \
	src/sandbox/execute_time.c \
	src/sandbox/execute_timefunc.c \
	src/sandbox/execute_variant.c \
	src/sandbox/execute_window.c \
	src/sandbox/execute_write.c \
	src/sandbox/execute_zone.c \
	src/sandbox/examples.c \
	src/sandbox/faker.c \
	src/sandbox/fault.c src/sandbox/fault.h \
	src/sandbox/http.c src/sandbox/http.h \
	src/sandbox/information.c \
	src/sandbox/life.c \
	src/sandbox/options.c src/sandbox/options.h \
	src/sandbox/render.c \
	src/sandbox/route.c src/sandbox/route.h \
	src/sandbox/sandbox.c src/sandbox/sandbox.h \
	src/sandbox/schema.c src/sandbox/schema.h \
	src/sandbox/server.c src/sandbox/server.h \
	src/sandbox/statement.c src/sandbox/statement.h \
	src/sandbox/statement_json.c \
	src/sandbox/submit.c src/sandbox/submit.h \
	src/sandbox/submit_alter.c \
	src/sandbox/submit_create.c \
	src/sandbox/submit_drop.c \
	src/sandbox/submit_explain.c \
	src/sandbox/submit_impl.h \
	src/sandbox/submit_information.c \
	src/sandbox/submit_query.c \
	src/sandbox/submit_show.c \
	src/sandbox/table_options.c
libsandbox_a_CFLAGS = $(AX_CFLAGS) $(MICROHTTPD_CFLAGS) $(SQLITE_CFLAGS) $(NETTLE_CFLAGS) \
	$(GMP_CFLAGS) $(PCRE2_CFLAGS)

bin_PROGRAMS += cflowsh-sandbox
cflowsh_sandbox_SOURCES = src/sandbox/main.c
cflowsh_sandbox_CFLAGS = $(AX_CFLAGS) $(MICROHTTPD_CFLAGS) $(SQLITE_CFLAGS)
cflowsh_sandbox_LDADD = $(sandbox_libs)
dist_man_MANS += man/cflowsh-sandbox.1

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_sandbox
tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c tests/unit/cmocka_all.h
tests_unit_test_sandbox_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_sandbox_LDADD = $(sandbox_libs) $(CMOCKA_LIBS)
endif

EXTRA_DIST += \
	tests/clients/check_sandbox_dbt \
	tests/clients/check_sandbox_driver \
	tests/clients/sandbox_endpoint.py \
	tests/clients/sandbox_venv.sh

EXTRA_PROGRAMS += tests/bench/sandbox
tests_bench_sandbox_SOURCES = tests/bench/sandbox.c
tests_bench_sandbox_CFLAGS = $(AX_CFLAGS)
tests_bench_sandbox_LDADD = $(base_libs)
