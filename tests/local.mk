EXTRA_DIST += tests/layers.sh
TESTS += tests/layers.sh
