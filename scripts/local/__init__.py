"""What runs on this machine: processes, ports, the private servers and the two services."""
