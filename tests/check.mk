# `make check`: every test program, one after the other, and how many passed.
# The other fragments add theirs to check_tests and to what check needs.

script_tests := tests/tools/arrows tests/tools/arrows-test \
	tests/tools/standards tests/tools/standards-test \
	tests/tools/differences tests/tools/differences-test
check_tests += $(script_tests) $(unit_tests)

.PHONY: check
check: all $(unit_tests)
	$(Q)tests/tools/suite $(B) $(check_tests)

# Publishing and workers under ThreadSanitizer: call with SANITIZE=thread.
thread_tests := $(B)/tests/unit/base_publish $(B)/tests/system/serving_test \
	$(B)/tests/system/stream_test $(B)/tests/system/limit_test \
	$(B)/tests/system/reload_test
.PHONY: check-threads
check-threads: all $(thread_tests)
	$(Q)RELOADS=3 TEST_TIMEOUT=900 tests/tools/suite $(B) $(thread_tests)
