# The stand-in inference server of `make run` and of the system tests.

$(B)/tests/demo/standin.o: private CPPFLAGS += $(tests_CFLAGS)
$(B)/tests/demo/standin: $(B)/tests/demo/standin.o $(B)/base/room.a
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(base_LIBS) $(tests_LIBS)
