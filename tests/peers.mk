# Other servers that tests compare with or talk to.  A target that runs such
# tests needs `peers`, which installs what of .ci/packages-peers is missing.

.PHONY: peers
peers:
	$(Q).ci/install-packages packages-peers
