# One screen of tasks; `just` lists them.

default:
    @just --list

# everything CI checks, on this checkout
check:
    uv run ruff check .
    uv run ruff format --check .
    uv run mypy
    uv run lint-imports
    uv run pytest

# rewrite golden files, cards and the command reference; then read the diff
regen:
    uv run pytest --regen
    git diff --stat

# the figures of the README
bench *ARGS:
    uv run --group bench python benches/sigma.py {{ARGS}}
