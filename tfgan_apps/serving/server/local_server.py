"""The local server: models, workers, and the two ports that they are asked through."""

import asyncio
import os
import socket
import threading

import grpc
from absl import logging
from aiohttp import web

from tfgan_apps.serving.server.callers import Callers
from tfgan_apps.serving.server.grpc_services import GrpcServices
from tfgan_apps.serving.server.limits import DEFAULT
from tfgan_apps.serving.server.memory import Memory
from tfgan_apps.serving.server.rest import RestApi, make_runner
from tfgan_apps.serving.server.servables import ServableManager
from tfgan_apps.serving.server.status import log_line
from tfgan_apps.serving.server.workers import Workers

_BESIDE = 4, 28  # threads and queue of what is not Predict


class PortError(OSError):
    """A host or a port that cannot be listened on."""


class LocalServer:
    """Serves models over gRPC and REST, from threads of its own, until it is stopped.

    A context manager: it has started inside the block.

    Args:
        configs: `ModelServerConfig`, or a function that returns one, as for `ServableManager`.
        host: str, the address to listen on.
        port: int, for gRPC; 0 for any free one, then to be found in `grpc_port`.
        rest_api_port: int, for REST; 0 for any free one, then to be found in `rest_port`.
        max_request_bytes: int; a larger request is refused.
        threads: int, requests answered at a time. Defaults to the number of cores.
        max_queue: int, requests of either protocol that may wait; those beyond are refused at once.
        limits: `limits.Limits` of a request and its answer. Defaults to `limits.DEFAULT`.
        allow_origin: sequence of str, as for `callers.Callers`.
        drain_seconds: float, how long `stop` lets requests finish.
        poll_seconds: float, as for `ServableManager`.
        config_poll_seconds: float, as for `ServableManager`.
        report: function of a line of text about what happened.
    """

    def __init__(
        self,
        configs,
        host="127.0.0.1",
        port=0,
        rest_api_port=0,
        *,
        max_request_bytes=64 << 20,
        threads=None,
        max_queue=100,
        limits=DEFAULT,
        allow_origin=(),
        drain_seconds=30.0,
        poll_seconds=1.0,
        config_poll_seconds=1.0,
        report=logging.info,
    ):
        self.host = host
        self.grpc_port = port
        self.rest_port = rest_api_port
        callers = Callers(host, allow_origin)
        self.manager = ServableManager(
            configs, poll_seconds, config_poll_seconds, lambda line: report(log_line(line))
        )
        self.workers = Workers(threads or os.cpu_count(), max_queue)
        self._beside = Workers(*_BESIDE)
        self._max_request_bytes = max_request_bytes
        memory = Memory()
        self.grpc = GrpcServices(self.manager, self.workers, self._beside, limits, memory)
        self.rest = RestApi(self.manager, self.workers, max_request_bytes, limits, callers, memory)
        self._drain_seconds = drain_seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loop", daemon=True)
        self._grpc = self._runner = self._socket = None

    def start(self):
        """Takes the ports, loads the models, and begins to answer.

        Raises:
            PortError: a port is taken, or the host is not this machine.
            model_configs.ConfigError: the configuration cannot be served.
        """
        self._thread.start()
        try:
            # The ports come first: that one is taken should be known before a long load.
            self._wait_for(self._listen())
            self.manager.start()
            self._wait_for(self._serve())
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Accepts nothing more, lets requests finish for `drain_seconds`, unloads all models."""
        if self._loop.is_closed():
            return
        started = self._thread.is_alive()
        if started:
            self._wait_for(self._drain())
        # What still runs was given up, or its time is over.
        self.workers.close(timeout=1)
        self._beside.close(timeout=1)
        self.manager.close(timeout=1)
        if started:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_for(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    @property
    def address(self):
        """The host as URLs have it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    async def _listen(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            socket.create_server((self.host, 0), family=family).close()
        except OSError as error:
            raise PortError(
                f"host must be an address or a name of this machine. Received: {self.host}; {error}"
            ) from error
        self._grpc = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", self._max_request_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),  # Else a second server would share the port.
            ]
        )
        self._grpc.add_generic_rpc_handlers(self.grpc.handlers())
        try:
            self.grpc_port = self._grpc.add_insecure_port(f"{self.address}:{self.grpc_port}")
        except RuntimeError as error:
            raise self._taken("gRPC", self.grpc_port, error) from error
        try:
            self._socket = socket.create_server((self.host, self.rest_port), family=family)
        except OSError as error:
            raise self._taken("REST", self.rest_port, error) from error
        self.rest_port = self._socket.getsockname()[1]

    async def _serve(self):
        self._runner = make_runner(self.rest.app, shutdown_timeout=self._drain_seconds)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()
        await self._grpc.start()

    async def _drain(self):
        if self._socket:
            # asyncio loses a connection that it has accepted, but not attached to its server when
            # that is closed; after these turns of the loop all are, and the cleanup ends them.
            self._loop.remove_reader(self._socket)
            for _ in range(3):
                await asyncio.sleep(0)
        ends = []
        if self._grpc:
            ends.append(self._grpc.stop(self._drain_seconds))
        if self._runner:
            ends.append(self._runner.cleanup())
        elif self._socket:
            self._socket.close()
        await asyncio.gather(*ends)

    def _taken(self, protocol, port, error):
        return PortError(
            f"Cannot listen for {protocol} at {self.host}, port {port}; another program may use "
            f"it. Received: {error}"
        )
