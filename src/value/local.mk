noinst_LIBRARIES += libvalue.a
libvalue_a_SOURCES = \
	src/value/bigint.h \
	src/value/json.c src/value/json.h \
	src/value/value.c src/value/value.h \
	src/value/yaml.c src/value/yaml.h \
	src/value/yaml_resolve.c src/value/yaml_resolve.h \
	src/value/yaml_write.c
