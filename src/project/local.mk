noinst_LIBRARIES += libproject.a
libproject_a_SOURCES = \
	src/project/artifact.h \
	src/project/node.h \
	src/project/profile.h \
	src/project/project.h \
	src/project/select.h
