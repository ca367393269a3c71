"""What an account may have and what it uses of it."""
