# Meridian.  `make run` and `make check` are all it takes on a fresh machine.
#
#   make              build the four programs into build/, or say which packages
#                     are missing
#   make deps         install them
#   make run          build, start a demo on loopback, leave it running
#   make check        build and run all tests
#   make check-long   what takes longer than a minute, at its full size
#   make differential compare with NSD and Knot DNS over 2,000 zones
#   make coverage     which branches of the packet path the tests take
#   make lint         formatting, static analysis, arrows and circles of #include
#   make fuzz         build the fuzz targets into build-fuzz/
#   make bench        measure the packet path
#   make bench-probe  measure 10,000 endpoints on one core
#   make bench-scopes measure what resolvers keep of steered answers
#   make bench-hits   measure how often they answer from what they keep
#   make bench-simulate
#                     measure how long a simulation takes
#   make bench-history
#                     measure how large a year of traffic is
#   make bench-share  measure what sharing through etcd costs
#   make install      programs, manual pages, geography, systemd units, examples
#                     and bash completion, under $(DESTDIR)$(prefix)
#   make uninstall    remove what make install brought
#
# All but make, make deps, make install and make uninstall install what they
# need first.
# V=1 shows the commands.  SANITIZE=address,undefined builds and tests in a build folder of its own.

SHELL := /bin/sh
# As many jobs as there are cores, unless someone says otherwise.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif
.DELETE_ON_ERROR:
.SUFFIXES:

goals := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out deps clean distclean,$(goals)),)
include config.mk
endif

comma := ,
Q := $(if $(V),,@)
say = @printf '  %-6s %s\n' $(1) $(patsubst $(B)/%,%,$@)
SANITIZE :=
# Empty in the environment or on the command line means none was given.
override B := $(or $(B),build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE))))

# The rooms, each with the rooms it may enter.  A program's link line is these.
rooms := base transfer config state state/history dns/wire dns/zone dns/answer dns/tap \
	dns/serve steering/geo steering steering/simulate advice web dnstap node \
	probes/ask probes/names \
	probes/checks probes/load probes/hooks probes/pages probes/control \
	probes share share/etcd ctl
base_needs := base
transfer_needs := transfer base
config_needs := config base
state_needs := state base
state/history_needs := state/history state base
dns/wire_needs := dns/wire base
dns/zone_needs := dns/zone $(dns/wire_needs)
dns/answer_needs := dns/answer $(dns/zone_needs)
dns/tap_needs := dns/tap base
dns/serve_needs := dns/serve dns/tap $(dns/answer_needs)
steering/geo_needs := steering/geo config base
steering_needs := steering steering/geo config state dns/wire base
steering/simulate_needs := steering/simulate $(steering_needs)
advice_needs := advice steering/geo config base
web_needs := web base
dnstap_needs := dnstap base
node_needs := node web dnstap steering steering/geo config state/history state \
	$(dns/serve_needs)
probes/ask_needs := probes/ask transfer config state base
probes/names_needs := probes/names config base
probes/checks_needs := probes/checks $(probes/ask_needs)
probes/load_needs := probes/load $(probes/checks_needs)
probes/hooks_needs := probes/hooks $(probes/ask_needs)
probes/pages_needs := probes/pages probes/hooks web $(probes/load_needs)
probes/control_needs := probes/control $(steering_needs)
probes_needs := probes probes/control probes/pages probes/hooks probes/load \
	probes/checks probes/ask probes/names transfer web $(steering_needs)
share/etcd_needs := share/etcd transfer base
share_needs := share share/etcd transfer $(node_needs)
ctl_needs := ctl $(filter probes%,$(probes_needs)) transfer steering/simulate advice \
	$(node_needs)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wcast-qual -Wpointer-arith -Wwrite-strings -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wredundant-decls -Wundef \
	-Wformat=2 -Wvla -Walloca -Wswitch-enum \
	-Wimplicit-fallthrough
ifeq ($(findstring clang,$(shell $(CC) --version 2>/dev/null)),)
WARNINGS += -Wlogical-op -Wduplicated-cond -Wduplicated-branches \
	-Wjump-misses-init -Wnull-dereference
endif
WERROR := -Werror
ifeq ($(SANITIZE),)
OPTIMIZE := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection
HARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack
else
OPTIMIZE := -O1 -fsanitize=$(SANITIZE) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all
HARDEN := -pie -fsanitize=$(SANITIZE)
# gcc's null analysis sees the sanitizer's own branches.
WARNINGS := $(filter-out -Wnull-dereference,$(WARNINGS))
endif
COVERAGE :=
CPPFLAGS := -I. -D_GNU_SOURCE -DMERIDIAN_VERSION='"$(VERSION)"' \
	-DMERIDIAN_DATADIR='"$(datadir)/meridian"'
CFLAGS := -std=c11 -g -fPIE $(OPTIMIZE) $(WARNINGS) $(WERROR) $(COVERAGE)
LDFLAGS := $(HARDEN) -pthread $(COVERAGE)

mains := node/meridiand.c probes/meridian-probe.c ctl/meridianctl.c \
	share/meridian-share.c
programs := $(B)/meridiand $(B)/meridian-probe $(B)/meridianctl \
	$(B)/meridian-share
geography := $(B)/geo/iptoasn-country.mmdb
sources_of = $(filter-out $(mains),$(wildcard $(1)/*.c))
objects_of = $(patsubst %.c,$(B)/%.o,$(call sources_of,$(1)))
archives_of = $(foreach r,$($(1)_needs),$(B)/$(r)/room.a)
libs_of = $(foreach r,$($(1)_needs),$($(r)_LIBS))
flags_of = $(sort $(foreach r,$($(1)_needs),$($(r)_CFLAGS)))
# The room of a file is its folder.
room_flags = $(call flags_of,$(patsubst %/,%,$(dir $(1))))

.PHONY: all
all: $(programs) $(geography)

# Configuration.  Nothing here needs anything but make until this is done.

# Goals that install what they need, of these some with the servers that tests
# compare with or talk to; the other goals say what is missing.
installing := run tests check check-long thread-tests check-threads unit \
	system replay differential coverage lint bench bench-probe \
	bench-scopes bench-hits bench-simulate bench-history bench-share fuzz
with_peers := tests check check-long system differential coverage
packages := packages
ifneq ($(filter $(installing),$(goals)),)
packages += packages-tests
endif
ifneq ($(filter $(with_peers),$(goals)),)
packages += packages-peers
endif

config.mk: config.mk.in configure
	./configure -q $(CONFIGURE_ARGS)

configure: configure.ac .ci/packages
	@.ci/install-packages $(if $(filter $(installing),$(goals)),,-n) $(packages)
	autoconf
	@touch $@

.PHONY: deps installed
deps $(installing): installed
installed:
	@.ci/install-packages $(packages)

# Compilation, one archive a room.

$(B)/%.o: %.c config.mk Makefile
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) $(CPPFLAGS) $(call room_flags,$*) $(CFLAGS) -MMD -MP -c -o $@ $<

# The presets that ship are in every program, as they are in the tree.
preset_files := $(sort $(wildcard probes/presets/*.yaml))
$(B)/config/presets.c: packaging/presets probes/presets $(preset_files) Makefile
	@mkdir -p $(@D)
	$(call say,make)
	$(Q)packaging/presets $(preset_files) >$@.new
	@mv $@.new $@
$(B)/config/presets.o: $(B)/config/presets.c config.mk
	$(call say,cc)
	$(Q)$(CC) $(CPPFLAGS) -I. $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/config/room.a: $(B)/config/presets.o

# And the files of the status page in meridiand.
page_files := $(sort $(wildcard web/page/*))
$(B)/web/page_files.c: packaging/page web/page $(page_files) Makefile
	@mkdir -p $(@D)
	$(call say,make)
	$(Q)packaging/page $(page_files) >$@.new
	@mv $@.new $@
$(B)/web/page_files.o: $(B)/web/page_files.c config.mk
	$(call say,cc)
	$(Q)$(CC) $(CPPFLAGS) -I. $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/web/room.a: $(B)/web/page_files.o

# The messages of dnstap, as its description has them.  What protoc-c writes is
# not held to our warnings.
dnstap_code := $(B)/dnstap/dnstap.pb-c
$(dnstap_code).c $(dnstap_code).h &: dnstap/dnstap.proto config.mk
	@mkdir -p $(@D)
	$(call say,make)
	$(Q)$(PROTOC_C) --c_out=$(B) $<
$(dnstap_code).o: $(dnstap_code).c config.mk
	$(call say,cc)
	$(Q)$(CC) -I$(B) $(dnstap_CFLAGS) -std=c11 -g -fPIE $(OPTIMIZE) $(COVERAGE) \
	    -MMD -MP -c -o $@ $<
$(call objects_of,dnstap): $(dnstap_code).h
$(call objects_of,dnstap): private CPPFLAGS += -I$(B)
$(B)/dnstap/room.a: $(dnstap_code).o

define room_rule
$(B)/$(1)/room.a: $(call objects_of,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	@$$(AR) rcs $$@ $$^
endef
$(foreach r,$(rooms),$(eval $(call room_rule,$(r))))

$(B)/meridiand: $(B)/node/meridiand.o $(call archives_of,node)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,node)
$(B)/meridian-probe: $(B)/probes/meridian-probe.o $(call archives_of,probes)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,probes)
$(B)/meridian-share: $(B)/share/meridian-share.o $(call archives_of,share)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,share)
$(B)/meridianctl: $(B)/ctl/meridianctl.o $(call archives_of,ctl)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,ctl)

$(geography): zones/geo/iptoasn-country.mmdb.xz
	@mkdir -p $(@D)
	xz -dc $< >$@.new
	mv $@.new $@

include packaging/install.mk tests/tests.mk $(filter-out tests/tests.mk,$(wildcard tests/*.mk tests/*/*.mk))

.PHONY: clean distclean
clean:
	rm -rf build build-*
distclean: clean
	rm -rf config.mk config.log config.status configure configure~ \
	    autom4te.cache

-include $(shell find $(B) -name '*.d' 2>/dev/null)
