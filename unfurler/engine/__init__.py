"""What happens to a link, a click, a queue."""
