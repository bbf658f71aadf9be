"""What a sentence states, and the evidence that it cites; shared by the checks of prose."""
