noinst_LIBRARIES += libshell.a
libshell_a_SOURCES = \
	src/shell/args.c src/shell/args.h \
	src/shell/cmd.c src/shell/cmd.h \
	src/shell/cmd_branch.c \
	src/shell/cmd_catalog.c \
	src/shell/cmd_change.c \
	src/shell/cmd_cloud.c \
	src/shell/cmd_edit.c \
	src/shell/cmd_file.c \
	src/shell/cmd_help.c \
	src/shell/cmd_models.c \
	src/shell/cmd_output.c \
	src/shell/cmd_project.c \
	src/shell/cmd_ps.c \
	src/shell/cmd_query.c \
	src/shell/cmd_refresh.c \
	src/shell/cmd_shell.c \
	src/shell/cmd_where.c \
	src/shell/connect.c src/shell/connect.h \
	src/shell/dag.c src/shell/dag.h \
	src/shell/deps.c src/shell/deps.h \
	src/shell/exec.c \
	src/shell/foreign.c src/shell/foreign.h \
	src/shell/format.c src/shell/format.h \
	src/shell/format_aligned.c \
	src/shell/format_expanded.c \
	src/shell/format_impl.h \
	src/shell/format_markdown.c \
	src/shell/format_text.c \
	src/shell/init.c src/shell/init.h \
	src/shell/live_table.c src/shell/live_table.h \
	src/shell/names.c src/shell/names.h \
	src/shell/options.c src/shell/options.h \
	src/shell/pager.c src/shell/pager.h \
	src/shell/phases.c src/shell/phases.h \
	src/shell/plan_view.c src/shell/plan_view.h \
	src/shell/print.c src/shell/print.h \
	src/shell/prompt.c \
	src/shell/pset.c \
	src/shell/query.c src/shell/query.h \
	src/shell/query_error.c \
	src/shell/query_local.c src/shell/query_local.h \
	src/shell/result.c \
	src/shell/run_json.c src/shell/run_json.h \
	src/shell/run_plan.c src/shell/run_plan.h \
	src/shell/run_view.c src/shell/run_view.h \
	src/shell/sandbox_child.c src/shell/sandbox_child.h \
	src/shell/script.c src/shell/script.h \
	src/shell/select_args.c src/shell/select_args.h \
	src/shell/session.c src/shell/session.h \
	src/shell/session_impl.h \
	src/shell/session_place.c \
	src/shell/session_sandbox.c \
	src/shell/shell.c src/shell/shell.h \
	src/shell/syntax.c src/shell/syntax.h \
	src/shell/vars.c src/shell/vars.h \
	src/shell/wrap.c src/shell/wrap.h
include tests/shell/local.mk
