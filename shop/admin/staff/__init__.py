"""The desk of colleagues: who works here, what each may do, where they are signed in."""
