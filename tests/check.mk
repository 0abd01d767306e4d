# `make check`: every test program, and how many passed.  The other fragments
# add theirs to what check needs and to beside_tests, which run side by side, to
# waiting_tests, which then do so, too, more of them, to exact_tests, a core each,
# or to check_tests, which run one after the other.

# Those that run the programs, and those that read or build nothing of them.
script_tests := tests/tools/help tests/tools/presets tests/tools/install-test
ifeq ($(SANITIZE),)
script_tests += tests/tools/arrows tests/tools/arrows-test \
	tests/tools/circles tests/tools/circles-test \
	tests/tools/packages-test \
	tests/tools/standards tests/tools/standards-test \
	tests/tools/differences tests/tools/differences-test \
	tests/tools/readme tests/tools/readme-test \
	tests/tools/keys tests/tools/keys-test tests/tools/presets-test \
	tests/tools/monitoring tests/tools/monitoring-test \
	tests/tools/examples-test tests/tools/suite-test
waiting_tests += tests/tools/examples tests/tools/tour
# Twice as many of those that wait as there are cores.
waited := --2
exact := --
else
# And a test of these takes three times as long, with nothing left of a core.
export CK_TIMEOUT_MULTIPLIER ?= 3
waited := --
endif
beside_tests += $(script_tests) $(unit_tests)

# `make tests` builds what `make check` runs.
.PHONY: check tests
tests: all $(unit_tests)
check: tests
	$(Q)tests/tools/suite $(B) $(beside_tests) -- $(waiting_tests) $(waited) \
	    $(exact_tests) $(exact) $(check_tests)

# What takes longer than a minute, in full: each test that has two sizes, see
# tests/full.h, the benchmarks that have a limit, and all zones of the
# differential test.
full_users := $(shell grep -rlw --include='*.c' full_size tests)
long_of = $(filter $(full_users:%.c=$(B)/%),$(1))
.PHONY: check-long
check-long: tests
	$(Q)FULL=1 CK_TIMEOUT_MULTIPLIER=60 TEST_TIMEOUT=14400 \
	    tests/tools/suite $(B) $(call long_of,$(unit_tests)) -- \
	    $(call long_of,$(system_tests)) $(long_benches)
	$(Q)B=$(B) $(differential) -s $(SEED) -n $(ZONES)

# Publishing and workers under ThreadSanitizer: call with SANITIZE=thread.
thread_tests := $(B)/tests/unit/base/publish $(B)/tests/system/serving_test \
	$(B)/tests/system/stream_test $(B)/tests/system/limit_test \
	$(B)/tests/system/reload_test $(B)/tests/system/follow_test \
	$(B)/tests/unit/web/streams
.PHONY: check-threads thread-tests
thread-tests: all $(thread_tests)
check-threads: thread-tests
	$(Q)RELOADS=3 TEST_TIMEOUT=900 \
	    LD_PRELOAD=$(CURDIR)/$(B)/tests/system/seen_closes.so \
	    tests/tools/suite $(B) $(thread_tests)
