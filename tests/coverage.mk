# `make coverage`: which branches of the files that touch packet bytes the tests
# take: unit and system tests, replays and the short differential run, of a
# build of its own without optimization.  MISSED=1 lists the lines that have
# branches not taken.

# What stands in dns/ and sees no packet: reading and checking zones, the
# server around the workers.
coverage_other := $(filter-out dns/zone/zone_chain.c, \
	$(wildcard dns/zone/zonefile*.c dns/zone/zone_*.c dns/zone/rdata*.c)) \
	dns/zone/svcparam.c dns/zone/word.c dns/serve/listeners.c \
	dns/serve/server.c
coverage_files := $(filter-out $(coverage_other),$(wildcard dns/*/*.c)) \
	dns/wire/wire.h
coverage_beside = $(filter \
	$(B)/tests/unit/dns/% $(B)/tests/fuzz/replay/dns/%,$(beside_tests))
coverage_tests = $(filter \
	$(B)/tests/system/% $(B)/tests/differential/%,$(check_tests))

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
