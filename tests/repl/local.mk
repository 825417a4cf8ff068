repl_transcripts = \
	tests/repl/attach.repl \
	tests/repl/complete.repl \
	tests/repl/dumb.repl \
	tests/repl/edit_model.repl \
	tests/repl/editor.repl \
	tests/repl/eof.repl \
	tests/repl/errors.repl \
	tests/repl/files.repl \
	tests/repl/history.repl \
	tests/repl/interrupt.repl \
	tests/repl/live.repl \
	tests/repl/names.repl \
	tests/repl/narrow.repl \
	tests/repl/notices.repl \
	tests/repl/pager.repl \
	tests/repl/paste.repl \
	tests/repl/plain.repl \
	tests/repl/prompt.repl \
	tests/repl/prompt_for.repl \
	tests/repl/query.repl \
	tests/repl/rc.repl \
	tests/repl/refresh.repl \
	tests/repl/refresh_readers.repl \
	tests/repl/resize.repl \
	tests/repl/suspend.repl \
	tests/repl/watch.repl
noinst_PROGRAMS += tests/repl/pty
tests_repl_pty_SOURCES = tests/repl/pty.c
EXTRA_DIST += tests/repl/run tests/repl/leaks $(repl_transcripts)
TESTS += tests/repl/run
