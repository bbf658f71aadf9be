"""The columnar matcher: many Sigma trees over columns, each distinct value looked at once.

`plan` compiles trees, `atoms` runs the tests of one field over its distinct values, `scan` reads
chunks of columns, `evaluate` combines row sets, `run` walks the history, `correlate` groups what
matched in time. Nothing is imported here: numpy and pyarrow come only when somebody matches.
"""
