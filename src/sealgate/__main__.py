"""`python -m sealgate`: the same as the command `sealgate`."""

if __name__ == "__main__":
    # Imported here: the processes that `serve` starts load this module too, and need no command line.
    from sealgate.cli import main

    main()
