"""An emulated Space server with a chat page, for the demo and the tests."""
