noinst_LIBRARIES += libcompile.a
libcompile_a_SOURCES =
