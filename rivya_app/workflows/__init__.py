"""The pages of workflows: what each needs, whether it is ready, and a first run."""
