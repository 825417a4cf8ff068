noinst_LIBRARIES += libcompile.a
libcompile_a_SOURCES = src/compile/compile.h
