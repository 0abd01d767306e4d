# `make coverage`: which branches of the files that touch packet bytes the tests
# take: unit and system tests, replays and the short differential run, of a
# build of its own without optimization.  MISSED=1 lists the lines that have
# branches not taken.

# Of dns/zone/ and dns/serve/ what queries go through: not what reads, checks and
# builds zones, nor what starts the workers.
coverage_files := $(wildcard dns/wire/*.c dns/answer/*.c) dns/wire/wire.h \
	$(patsubst %,dns/zone/%.c,lookup nsec zone zone_chain zone_table) \
	$(patsubst %,dns/serve/%.c,crowd stream stream_output udp)
coverage_beside = $(filter \
	$(B)/tests/unit/dns/% $(B)/tests/fuzz/replay/dns/%,$(beside_tests))
coverage_tests = $(filter \
	$(B)/tests/system/% $(B)/tests/differential/%,\
	$(waiting_tests) $(exact_tests) $(check_tests))

.PHONY: coverage coverage-run
coverage:
	$(Q)$(MAKE) --no-print-directory coverage-run B=build-coverage \
	    COVERAGE=--coverage OPTIMIZE=-O0 WARNINGS=

# The tests are named when all fragments are read; what an earlier run counted
# goes first.
coverage-run:
	$(Q)$(MAKE) --no-print-directory all $(standin) \
	    $(coverage_beside) $(coverage_tests)
	$(Q)find $(B) -name '*.gcda' -delete
	$(Q)RELOADS=5 tests/tools/suite $(B) \
	    $(coverage_beside) -- $(coverage_tests)
	$(Q)tests/tools/coverage $(B) 95 90 $(coverage_files)
