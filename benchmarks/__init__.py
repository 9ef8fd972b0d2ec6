"""What has a figure, measured."""
