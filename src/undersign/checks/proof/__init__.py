"""The evidence beside a rule: its test events and who wrote them."""
