noinst_LIBRARIES += libvalue.a
libvalue_a_SOURCES = \
	src/value/bigint.h \
	src/value/json.h \
	src/value/json_read.c \
	src/value/json_write.c \
	src/value/value.c src/value/value.h \
	src/value/yaml.c src/value/yaml.h \
	src/value/yaml_resolve.c src/value/yaml_resolve.h \
	src/value/yaml_write.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_yaml
tests_unit_test_yaml_SOURCES = tests/unit/test_yaml.c tests/unit/cmocka_all.h
tests_unit_test_yaml_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_yaml_LDADD = $(value_libs) $(CMOCKA_LIBS)
endif

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_value
tests_unit_test_value_SOURCES = tests/unit/test_value.c tests/unit/cmocka_all.h
tests_unit_test_value_CFLAGS = $(AX_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_value_LDADD = $(value_libs) $(CMOCKA_LIBS)
endif
