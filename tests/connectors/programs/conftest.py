"""Programs that tests start, as their makers' are started: none is a module to be searched for examples."""

collect_ignore_glob = ["*.py"]
