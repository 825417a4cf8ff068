noinst_LIBRARIES += libshell.a
libshell_a_SOURCES =
