noinst_LIBRARIES += libflink.a
libflink_a_SOURCES =
