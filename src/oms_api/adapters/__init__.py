"""What use cases call of the world outside, as the ports of the domain have it: one package for each area."""
