"""What an admin can do. The admin API, the command line and Studio all call these functions.

Each takes the engine, the tenant and `actor`, who is on record for a change. What they raise is of
`sealgate.errors`; what they return says itself as JSON, the same on every way in.
"""
