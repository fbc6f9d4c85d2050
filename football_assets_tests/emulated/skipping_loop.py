"""An event loop whose clock stands still while there is work and jumps to the next timer when there is none.

A minute's wait costs a test milliseconds, and a busy machine makes nothing late. Sockets and threads are real.
"""

import asyncio
import selectors
import time

# What is sent on loopback within this process is there at once; this is for the slowest machine.
GRACE_S = 0.02
THREAD_S = 30.0


class _Selector(selectors.DefaultSelector):
    loop = None

    def select(self, timeout=None):
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if timeout is None or self.loop.in_threads:
            return super().select(THREAD_S)
        found = super().select(GRACE_S)
        if not found:
            self.loop.now_s += timeout
        return found


class SkippingLoop(asyncio.SelectorEventLoop):
    """`now_s` is its clock."""

    def __init__(self):
        self.now_s, self.in_threads = time.monotonic(), 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self):
        return self.now_s

    def run_in_executor(self, executor, func, *args):
        self.in_threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._out_of_thread)
        return future

    def _out_of_thread(self, _future):
        self.in_threads -= 1


def run_skipping(work):
    """Run a coroutine function, given the loop, to its end."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(work(runner.get_loop()))
