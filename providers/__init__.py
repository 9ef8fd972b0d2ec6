"""One file or package for each external system; `generic` reads any page. A new one is found by being here."""
