"""The benchmark: Sealgate beside other gateways doing the same job. `make bench`, docs/benchmarks.md."""
