"""What the tests stand on: an emulated Space, other people's sites, and the service as a process."""
