"""How fast and how right pages are read, side by side with what else reads pages."""
