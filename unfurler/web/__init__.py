"""Flask: the factory that builds every piece, a few lines a view, and the pages."""
