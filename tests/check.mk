# `make check`: every test program, one after the other, and how many passed.
# The other fragments add theirs to check_tests and to what check needs.

script_tests := tests/tools/arrows tests/tools/arrows-test
check_tests += $(script_tests) $(unit_tests)

.PHONY: check
check: all $(unit_tests)
	$(Q)tests/tools/suite $(B) $(check_tests)
