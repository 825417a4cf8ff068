noinst_LIBRARIES += libproject.a
libproject_a_SOURCES = \
	src/project/artifact.c src/project/artifact.h \
	src/project/artifact_internal.h \
	src/project/artifact_json.c \
	src/project/artifact_results.c \
	src/project/artifact_write.c \
	src/project/capture.c \
	src/project/config.c \
	src/project/config_check.c \
	src/project/config_default.c \
	src/project/config_file.c \
	src/project/config_merge.c \
	src/project/dag.c \
	src/project/deps.c src/project/deps.h \
	src/project/deps_fetch.c \
	src/project/deps_hub.c \
	src/project/deps_internal.h \
	src/project/deps_lock.c \
	src/project/deps_resolve.c \
	src/project/deps_run.c \
	src/project/deps_spec.c \
	src/project/doc.c \
	src/project/files.c \
	src/project/generic_test.c src/project/generic_test.h \
	src/project/generic_test_name.c \
	src/project/generic_test_node.c \
	src/project/glob.c src/project/glob.h \
	src/project/inline.c \
	src/project/internal.h \
	src/project/load.c \
	src/project/ls.c \
	src/project/macro.c \
	src/project/macro_lookup.c \
	src/project/names.c \
	src/project/node.c src/project/node.h \
	src/project/node_hooks.c \
	src/project/nodes.c \
	src/project/package.c \
	src/project/profile.c src/project/profile.h \
	src/project/project.h \
	src/project/properties.c src/project/properties.h \
	src/project/properties_column.c \
	src/project/properties_node.c \
	src/project/properties_other.c \
	src/project/properties_source.c \
	src/project/properties_unit_test.c \
	src/project/properties_version.c \
	src/project/ref.c \
	src/project/refresh.c \
	src/project/select.c src/project/select.h \
	src/project/select_internal.h \
	src/project/select_method.c \
	src/project/select_spec.c \
	src/project/select_state.c \
	src/project/selectors.c \
	src/project/tests.c \
	src/project/util.c
libproject_a_CFLAGS = $(AX_CFLAGS) $(NETTLE_CFLAGS) $(UUID_CFLAGS)

noinst_PROGRAMS += tests/tools/project_dump
tests_tools_project_dump_SOURCES = tests/tools/project_dump.c
tests_tools_project_dump_CFLAGS = $(AX_CFLAGS)
tests_tools_project_dump_LDADD = $(compile_libs)

TESTS += tests/golden/project/run tests/golden/project/deps
EXTRA_DIST += tests/golden/project tests/bench/project/generate tests/bench/project/run \
	tests/clients/check_deps tests/clients/deps_diff.py \
	tests/clients/check_project tests/clients/project_diff.py
