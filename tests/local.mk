EXTRA_DIST += tests/layers.sh tests/summary tests/clients/run tests/bench/all \
	tests/fuzz/run
TESTS += tests/layers.sh
