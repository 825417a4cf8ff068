noinst_LIBRARIES += libdrift.a
libdrift_a_SOURCES = \
	src/drift/drift.h
