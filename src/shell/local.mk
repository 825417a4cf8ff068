noinst_LIBRARIES += libshell.a
libshell_a_SOURCES = \
	src/shell/args.c src/shell/args.h \
	src/shell/cmd.c src/shell/cmd.h \
	src/shell/cmd_file.c \
	src/shell/cmd_help.c \
	src/shell/cmd_output.c \
	src/shell/cmd_query.c \
	src/shell/cmd_shell.c \
	src/shell/format.c src/shell/format.h src/shell/format_impl.h \
	src/shell/format_table.c \
	src/shell/format_text.c \
	src/shell/names.c src/shell/names.h \
	src/shell/options.c src/shell/options.h \
	src/shell/pager.c src/shell/pager.h \
	src/shell/print.c src/shell/print.h \
	src/shell/prompt.c \
	src/shell/pset.c \
	src/shell/query.c src/shell/query.h \
	src/shell/script.c src/shell/script.h \
	src/shell/session.c src/shell/session.h \
	src/shell/shell.c src/shell/shell.h \
	src/shell/syntax.c src/shell/syntax.h \
	src/shell/vars.c src/shell/vars.h
