"""What tests of whole processes ask of this machine: ports that are free, and the processes of a home."""

import socket
from contextlib import ExitStack
from pathlib import Path


def free_ports(count):
    """So many ports of loopback on which nobody listens, all different."""
    with ExitStack() as probes:
        found = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in found:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in found]


def free_port():
    """One of them."""
    return free_ports(1)[0]


def processes_with(variable, value):
    """Pid and command line of every running process that has this in its environment."""
    mark = f"{variable}={value}".encode()
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found
