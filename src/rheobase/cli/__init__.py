"""The command line: one file a verb, no logic; a verb takes arguments, calls the library once, shows the answer."""
