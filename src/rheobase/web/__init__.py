"""The explorer: pages about every function that a browser shows without a server, and the program that writes them."""
