"""Model servers on loopback that play a script: what tests have in place of a provider.

    from scripted.server import serve
    from scripted.turns import call, fail, say

    with serve([call("Read", {"file_path": "a.txt"}), fail(529), say("Done.")]) as upstream:
        ... point a client at upstream.url ...
    assert secret not in upstream.received

`turns` says what is answered, one file per wire says how it is written, `server` listens and keeps
every byte that arrived, `leaks` looks for a value in such bytes.
"""
