# `make install` and `make uninstall`: each file once, as FROM:TO:MODE.

unitdir := $(prefix)/lib/systemd/system
sysusersdir := $(prefix)/lib/sysusers.d
tmpfilesdir := $(prefix)/lib/tmpfiles.d
completiondir := $(datadir)/bash-completion/completions
exampledir := $(datadir)/doc/meridian/examples

units := meridiand.service meridian-probe.service meridian-share.service
installed_files := \
	$(B)/meridiand:$(sbindir)/meridiand:755 \
	$(B)/meridian-probe:$(sbindir)/meridian-probe:755 \
	$(B)/meridian-share:$(sbindir)/meridian-share:755 \
	$(B)/meridianctl:$(bindir)/meridianctl:755 \
	$(geography):$(datadir)/meridian/$(notdir $(geography)):644 \
	zones/geo/LICENSE:$(datadir)/meridian/LICENSE.geography:644 \
	$(foreach page,$(wildcard man/*.[0-9]),\
		$(page):$(mandir)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)):644) \
	$(foreach unit,$(units),\
		$(B)/packaging/$(unit):$(unitdir)/$(unit):644) \
	$(foreach file,$(wildcard probes/presets/*.yaml),\
		$(file):$(datadir)/meridian/presets/$(notdir $(file)):644) \
	packaging/sysusers.conf:$(sysusersdir)/meridian.conf:644 \
	packaging/tmpfiles.conf:$(tmpfilesdir)/meridian.conf:644 \
	$(foreach program,$(notdir $(programs)),\
		packaging/completion.bash:$(completiondir)/$(program):644) \
	$(foreach file,$(wildcard zones/example/*),\
		$(file):$(exampledir)/$(notdir $(file)):644) \
	$(foreach file,$(wildcard packaging/monitoring/*),\
		$(file):$(exampledir)/monitoring/$(notdir $(file)):644) \
	$(foreach file,$(wildcard zones/platform/*),\
		$(file):$(exampledir)/platform/$(notdir $(file)):644)

# The units name the programs by their full paths.
$(B)/packaging/%.service: packaging/%.service.in config.mk
	@mkdir -p $(@D)
	@sed 's|@sbindir@|$(sbindir)|' $< >$@

.PHONY: install uninstall
install: all $(units:%=$(B)/packaging/%)
	@for file in $(installed_files); do \
		from=$${file%%:*}; rest=$${file#*:}; \
		install -D -m "$${rest##*:}" "$$from" \
		    "$(DESTDIR)$${rest%:*}" || exit 1; \
	done

# Folders that others may have files in stay.
uninstall:
	@for file in $(installed_files); do \
		rest=$${file#*:}; \
		rm -f "$(DESTDIR)$${rest%:*}"; \
	done
	@for folder in $(datadir)/meridian/presets $(datadir)/meridian \
	    $(exampledir)/monitoring $(exampledir)/platform $(exampledir) \
	    $(dir $(exampledir)); do \
		[ ! -d "$(DESTDIR)$$folder" ] || \
		    rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$folder"; \
	done
