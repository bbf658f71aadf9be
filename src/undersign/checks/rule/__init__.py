"""What a rule says of itself and by itself: form, logic, text. Needs no ground of truth."""
