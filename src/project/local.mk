noinst_LIBRARIES += libproject.a
libproject_a_SOURCES =
