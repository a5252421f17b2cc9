"""One seed for each device and each of its workers, from the one that the user gives."""

from __future__ import annotations

import hashlib


def init_device_seed(seed: int, rank: int = 0, worker: int = 0) -> int:
    """The seed of worker `worker` on device `rank`: 32 bits, so that numpy takes it as well.

    AgentOhana (section 2.4.2) combines the given seed with the process id, so that the devices
    shuffle and draw independently. A digest combines them here: with a sum, device 1 of seed 1
    would repeat device 0 of seed 2.
    """
    text = f"{seed} {rank} {worker}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big")
