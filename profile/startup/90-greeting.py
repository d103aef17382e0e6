"""What is there, and what to type first."""

print(session.greeting())
