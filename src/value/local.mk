noinst_LIBRARIES += libvalue.a
libvalue_a_SOURCES = \
	src/value/json.c src/value/json.h \
	src/value/value.h \
	src/value/yaml.h
