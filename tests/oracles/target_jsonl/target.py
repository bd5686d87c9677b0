"""The command ``target-jsonl``, wherever this environment has been moved to."""

from target_jsonl import main

main()
