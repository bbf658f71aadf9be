"""The one composition root: opens a folder and hands its lake, ledger and config down."""
