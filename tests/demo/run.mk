# `make run`: the demo on loopback.  ARGS=--once ends it by itself, ARGS=--regions
# is that of three nodes.

standin := $(B)/tests/demo/standin

.PHONY: run
run: all $(standin)
	$(Q)PORT='$(PORT)' HTTP_PORT='$(HTTP_PORT)' tests/demo/run $(B) $(ARGS)

# System tests start it too.
system tests: $(standin)
