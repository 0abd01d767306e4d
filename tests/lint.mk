# Lint: everything that reads the sources and runs nothing.  Each part is a
# target of its own; `make lint` goes through all of them.

lint_rooms := base transfer config state dns dnstap steering advice web node probes ctl \
	share tests
lint_c = $(shell find $(lint_rooms) -name '*.c' | sort)
lint_ch = $(shell find $(lint_rooms) -name '*.[ch]' | sort)
lint_scripts = .ci/run .ci/install-packages tests/demo/run tests/demo/common \
	tests/demo/regions \
	packaging/completion.bash tests/browser/axe packaging/page packaging/presets \
	$(wildcard tests/tools/*)
lint_flags = -std=c11 $(CPPFLAGS) -I$(B) \
	$(sort $(foreach r,$(rooms) tests,$($(r)_CFLAGS)))
# The longest function that is still read; STYLE wants far less of most.
lint_max_lines := 120

lint_parts := lint-format lint-include lint-lengths lint-man lint-scripts \
	lint-page lint-cppcheck lint-tidy
.PHONY: lint $(lint_parts)
lint: $(lint_parts)
$(lint_parts): installed

lint-format:
	$(Q)clang-format --dry-run -Werror $(lint_ch)

lint-include:
	$(Q)tests/tools/arrows
	$(Q)tests/tools/arrows-test
	$(Q)tests/tools/circles
	$(Q)tests/tools/circles-test

lint-lengths:
	$(Q)tests/tools/lengths $(lint_max_lines) $(lint_ch)

# STYLE messages are mandoc's taste in files that are right.
lint-man:
	$(Q)mandoc -T lint -W warning man/*.[0-9]

lint-scripts:
	$(Q)shellcheck -S warning $(lint_scripts)

# The distribution's eslint, whose parts a node from elsewhere does not look for
# where they are.
lint-page:
	$(Q)if command -v eslint >/dev/null; then \
	    NODE_PATH=/usr/share/nodejs eslint --no-eslintrc -f unix \
		--max-warnings 0 -c tests/browser/eslint.json web/page; \
	else echo '  web/page is not looked at: eslint is not here' >&2; fi

# autoVariables: the address of a local is lent to a callee's context for the
# length of a call; clang-analyzer sees the ones that stay.
lint-cppcheck:
	$(Q)cppcheck -q -j2 --std=c11 --language=c --error-exitcode=1 \
	    --enable=warning,portability,performance --inline-suppr \
	    --suppress=missingInclude --suppress=missingIncludeSystem \
	    --suppress=autoVariables -I. -D_GNU_SOURCE \
	    -DMERIDIAN_VERSION='""' -DMERIDIAN_DATADIR='""' '-Djson_array_foreach(a,i,v)=for(;;)' \
	    '-Djson_object_foreach(a,k,v)=for(;;)' \
	    '-DSTART_TEST(x)=static void x(int _i)' -DEND_TEST= \
	    $(lint_rooms)

# By far the slowest.  Its stderr counts what it does not show.
lint-tidy: $(dnstap_code).h
	@mkdir -p $(B)
	$(Q)printf '%s\n' $(lint_c) | xargs -P 2 -I{} clang-tidy --quiet {} -- \
	    $(lint_flags) 2>$(B)/lint.log || \
	    { grep -v 'generated\.$$' $(B)/lint.log >&2; exit 1; }
