"""The demonstration: fictional people with real keys, whose passphrases are known on purpose."""
