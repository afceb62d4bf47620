"""The explorer from a server: the same pages, a check from a form, a comparison followed while it trains.

Nothing that a visitor sends is worked on in the server's own process: formulas are read in processes of their own, with
limits on time and memory (`checks`, `jobs`). This process passes on what those say.
"""
