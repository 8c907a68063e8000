"""The organizations a person belongs to, and what each of them is."""
