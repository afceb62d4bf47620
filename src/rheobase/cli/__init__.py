"""The command line: one file a verb, no logic. A verb takes arguments, makes one call to the library, shows the answer."""
