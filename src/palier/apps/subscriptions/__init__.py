"""What an account owns: a plan, its seats and its period."""
