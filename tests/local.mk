EXTRA_DIST += tests/layers.sh tests/summary tests/clients/run tests/bench/all
TESTS += tests/layers.sh
