noinst_LIBRARIES += librepl.a
librepl_a_SOURCES = \
	src/repl/complete.c src/repl/complete.h \
	src/repl/history.c src/repl/history.h \
	src/repl/input.c src/repl/input.h \
	src/repl/repl.c src/repl/repl.h \
	src/repl/words.c src/repl/words.h
librepl_a_CFLAGS = $(AX_CFLAGS) $(READLINE_CFLAGS)
include tests/repl/local.mk
