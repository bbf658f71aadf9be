"""Knowledge as data: ATT&CK, log sources, detections. Packaged files only; no network, no clock."""
