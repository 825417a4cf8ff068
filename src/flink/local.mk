noinst_LIBRARIES += libflink.a
libflink_a_CFLAGS = $(AX_CFLAGS) $(CURL_CFLAGS) $(UUID_CFLAGS)
libflink_a_SOURCES = \
	src/flink/catalog.h \
	src/flink/flink.h \
	src/flink/results.h \
	src/flink/statement.h \
	src/flink/type.h
